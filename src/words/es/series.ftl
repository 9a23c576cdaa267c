# Con qué frecuencia se reúne una serie, en palabras.
series-day = cada día
series-days = cada { $count } días
series-week = cada { $days }
series-weeks = cada { $count } semanas, { $days }
series-workdays = cada día de lunes a viernes
series-month-days = { $days } de cada mes
series-month-weekdays = { $days } de cada mes
series-months = cada { $count } meses, { $days }
series-year = cada año, el { $date }
series-years = cada { $count } años, el { $date }
series-year-leap = cada año, el { $date }, cuando lo hay
series-years-leap = cada { $count } años, el { $date }, cuando lo hay
series-year-month = cada año, { $days } de { $month }
series-years-month = cada { $count } años, { $days } de { $month }
series-at = { $often }, { $time }
series-until = { $often }, hasta el { $date }
series-times = { $often }, { $count } veces
series-once = { $often }, una vez

# Sus partes.
series-and = { $list } y { $last }
series-comma = { $list }, { $last }
series-weekday = { $weekday }
series-weekday-of-weeks = el { $weekday }
series-nth-weekday = { $nth } { $weekday }
series-nth-weekday-from-end = { $nth } { $weekday } contando desde el final
series-each-weekday = cada { $weekday }
series-of-days = { $days }
series-last-day = el último día
series-day-from-end = { $day } contando desde el final
series-nth-1 = el primer
series-nth-2 = el segundo
series-nth-3 = el tercer
series-nth-4 = el cuarto
series-nth-5 = el quinto
series-nth-last = el último
series-nth-last-2 = el penúltimo
series-nth-last-3 = el antepenúltimo
series-count-2 = dos
series-count-3 = tres
series-count-4 = cuatro
series-count-5 = cinco
series-count-6 = seis
series-count-7 = siete
series-count-8 = ocho
series-count-9 = nueve
series-count-10 = diez
series-count-11 = once
series-count-12 = doce
series-day-1 = el día 1
series-day-2 = el día 2
series-day-3 = el día 3
series-day-4 = el día 4
series-day-5 = el día 5
series-day-6 = el día 6
series-day-7 = el día 7
series-day-8 = el día 8
series-day-9 = el día 9
series-day-10 = el día 10
series-day-11 = el día 11
series-day-12 = el día 12
series-day-13 = el día 13
series-day-14 = el día 14
series-day-15 = el día 15
series-day-16 = el día 16
series-day-17 = el día 17
series-day-18 = el día 18
series-day-19 = el día 19
series-day-20 = el día 20
series-day-21 = el día 21
series-day-22 = el día 22
series-day-23 = el día 23
series-day-24 = el día 24
series-day-25 = el día 25
series-day-26 = el día 26
series-day-27 = el día 27
series-day-28 = el día 28
series-day-29 = el día 29
series-day-30 = el día 30
series-day-31 = el día 31

# Por qué no se acepta una serie.
refused-series-text = Esto no es una regla como FREQ=WEEKLY;BYDAY=TU: { $text }
refused-series-part = { $part } no tiene sitio aquí: las reuniones se repiten por días, por semanas, en días o días de la semana del mes, o una vez al año.
refused-series-value = { $part } no tiene sentido en una regla: { $value }
refused-series-both = Una serie termina un día o después de un número de reuniones, no las dos cosas.
refused-series-interval = Di un número de 1 a { $most }.
refused-series-days = Di en qué días.
refused-series-count = Un número de reuniones va de 1 a { $most }.
refused-series-first = La primera reunión es el { $day }, que no es ninguno de los días elegidos para la serie.
refused-series-ended = La serie terminaría el { $day }, antes de empezar.
refused-series-nothing-ahead = Con esta regla el grupo ya no se reuniría. Elige un final más tardío, o termina la serie.
refused-series-not-then = Con esta regla el grupo no se reúne el { $day }.
refused-series-recurs-already = Esta reunión ya pertenece a una serie.
refused-series-too-many-days = Una serie deja fuera como mucho { $most } días.

# Una serie en sus páginas.
series-mark = Se repite
series-part = Una de una serie:
series-title = Reuniones de { $group }
series-next = Próximas
series-next-none = Ya no hay nada previsto.
series-past = Las que hubo
series-out = No hay reunión el { $day }
series-moved = Según su ritmo: { $before }
series-ended = Esta serie ha terminado.
series-follow-lead = Quien sigue al grupo se entera de cada reunión unos días antes.
series-calendar = Todas, como archivo de calendario
series-subscribe = Suscribir tu calendario
series-of-group = Cada cuánto nos reunimos
series-all = Todas las fechas

# Con qué frecuencia, en formularios.
series-often = ¿Cada cuánto?
series-often-once = Una vez
series-often-day = Cada día
series-often-week = Cada semana
series-often-week-2 = Cada dos semanas
series-often-week-3 = Cada tres semanas
series-often-week-4 = Cada cuatro semanas
series-often-date = Cada mes en la misma fecha
series-often-weekday = Cada mes el mismo día de la semana, como el segundo martes
series-often-last = Cada mes el último de esos días, como el último viernes
series-often-year = Cada año en la misma fecha
series-often-kept = Como antes
series-more = Si se repite: días de la semana, hasta cuándo, excepto cuándo
series-on = ¿Qué días de la semana?
series-on-hint = Para reuniones cada semana o cada varias semanas.
series-ends = ¿Hasta cuándo?
series-ends-open = Sin final previsto
series-ends-day = Hasta un día
series-ends-times = Un número de veces
series-ends-day-field = El último día
series-ends-times-field = Cuántas veces
series-ends-times-hint = La primera también cuenta.
series-except = Días en los que no hay
series-except-hint = Por ejemplo 2026-12-24 2026-12-31
series-scope = ¿Qué cambia?
series-scope-one = Solo esta reunión
series-scope-following = Esta y todas las que siguen
series-scope-all = Todas las que vienen
series-next-dates = Las próximas fechas:
series-skipped = El reloj se adelanta y se salta las { $time }; esa reunión es entonces: { $moment }.
series-twice = El reloj muestra las { $time } dos veces; esa reunión es la primera vez: { $moment }.

# En el escritorio.
desk-series = Lo que se repite
desk-series-dates = Dejar fechas fuera
desk-series-dates-lead = ¿En cuáles de las próximas fechas no hay reunión?
desk-series-dates-do = Guardar
desk-series-end = Terminar la serie
desk-series-end-lead = ¿Qué reunión es la última? Lo que hubo se queda; las siguientes que ya se anunciaron se suspenden.
desk-series-end-now = Ninguna de las próximas: termina ahora
desk-series-end-sure = Sí, la serie termina entonces
desk-series-end-do = Terminar la serie
desk-cancel-one = Es una de una serie. Solo se suspende esta.

# Empezar un grupo.
start-often = ¿Os reunís así cada semana?
start-often-week = Sí, cada semana
start-often-once = No, solo ese día

# Por qué no.
refused-rhythm-often = Di cada cuánto.
refused-rhythm-ends-day = Di hasta qué día.
refused-rhythm-ends-times = Di cuántas veces, con un número.
refused-rhythm-except = Esto no es un día: { $value }. Escribe los días como 2026-12-24.
