# Calendarios que se traen: por qué no se lee un archivo.
refused-import-large = Este calendario ocupa más de 2 MiB: exporta un periodo más corto.
refused-import-packed = Este archivo está comprimido (zip o gzip): descomprímelo antes y da el archivo .ics que contiene.
refused-import-page = Esto es una página para personas y no un calendario. Busca la dirección que termina en .ics y haz público allí el calendario.
refused-import-no-calendar = Esto no es un calendario: un archivo .ics empieza por BEGIN:VCALENDAR.
refused-import-cut-off = Este calendario se corta a la mitad: no se transfirió entero. Vuelve a descargarlo.
refused-import-lines = Este calendario tiene más de 100.000 líneas: exporta un periodo más corto.
refused-import-long-line = La línea { $line } de este calendario es más larga que nada de lo que cabe en uno.
refused-import-deep = La línea { $line } de este calendario abre demasiadas cosas una dentro de otra.
refused-import-events = Este calendario tiene más de 5.000 eventos: exporta un periodo más corto.
refused-import-exceptions = En la línea { $line } de este calendario hay más excepciones de las que una serie puede tener.
refused-import-long-rule = La línea { $line } de este calendario contiene una regla más larga que las que hace la gente.

# Lo que se deja fuera, línea por línea.
import-odd-line = Esta línea no tiene sentido en un calendario.
import-task = Una tarea no es una reunión.
import-diary = Una entrada de diario no es una reunión.
import-busy = Cuándo está ocupada una persona no le importa a nadie más.
import-unknown = «{ $name }» no es algo que se pueda traer.
import-private = Allí consta como privado, así que allí se queda.
import-no-title = Una reunión necesita un título de al menos 3 caracteres.
import-no-start = No dice cuándo empieza.
import-no-time = No se puede leer su hora.
import-whole-day = Dice un día y ninguna hora. Indica las horas abajo, o convócala aquí.
import-zone = Nadie conoce la zona horaria «{ $zone }».
import-too-long = Dura más de 31 días.
import-exrule = Deja fuera días según una regla, lo que aquí no se entiende.
import-two-rules = Se repite según dos reglas a la vez. Haz dos series.
import-recurrence = No se sabe qué reunión de la serie es la distinta.

# Lo que se trae con menos de lo que decía.
import-cut-title = Su título tiene más de 200 caracteres y se ha recortado.
import-cut-place = Su lugar tiene más de 300 caracteres y se ha recortado.
import-cut-agenda = No se ha podido traer todo lo que dice.
import-no-end = No dice cuándo termina: se suponen dos horas.
import-dates = Algunas fechas de { $name } no se pueden leer.
