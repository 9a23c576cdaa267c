# Actas de las reuniones, lo que se acordó, y quién acordó una reunión.
minutes-title = Acta: { $title }
minutes-title-of = Acta:
minutes-of-this = Acta y acuerdos de esta reunión
minutes-people-few = Menos de { $than } personas
minutes-people-some = De { $from } a { $to } personas
minutes-people-many = { $from } personas o más
minutes-decided = { $count } acuerdos
minutes-decided-one = 1 acuerdo
minutes-decided-none = Sin acuerdos
minutes-next = Próxima reunión: { $when }
minutes-next-none = Aún no hay próxima reunión
minutes-next-none-yet = Aún no hay ninguna prevista.
minutes-still-open = Pendiente del { $day }
minutes-decisions-of = Acuerdos de { $group }
minutes-decisions-lead = Lo que { $group } acordó en sus reuniones, con el día y el acta de cada una.
minutes-decisions-all = Todos los acuerdos de { $group }
minutes-decisions-none = Aún no hay actas con acuerdos de { $group }.
minutes-decision-link = Enlace a este acuerdo
minutes-gone = Esta acta se borró
minutes-gone-more = Quien la publicó la ha retirado.
group-minutes = Acta y acuerdos

# Títulos de las actas; y otros nombres con los que se llama a lo mismo, separados por comas.
minutes-heading-agenda = Orden del día
minutes-also-agenda = Temas, Agenda, Puntos del día, De qué hablamos
minutes-heading-reports = Informes
minutes-also-reports = Informe, Informes de los grupos, Informes de grupos, Informes de las comisiones
minutes-heading-decisions = Acuerdos
minutes-also-decisions = Acuerdo, Decisiones, Decisión, Lo que acordamos, Lo acordado, Resoluciones, Consensos
minutes-heading-open = Temas pendientes
minutes-also-open = Pendiente, Pendientes, Tema pendiente, Cuestiones pendientes, Queda pendiente, Por hacer, Tareas
minutes-heading-next = Próxima reunión
minutes-also-next = Siguiente reunión, La próxima vez, Próxima convocatoria

# Los datos de encima de una plantilla.
minutes-fact-when = Cuándo: { $when }
minutes-fact-where = Dónde: { $where }
minutes-fact-present = Cuánta gente hubo, sin nombres (under-5, 5-9, 10-19, 20-49, 50-99, 100-199, 200-499, 500-999 o 1000+):

# Quién acordó una reunión.
meeting-agreed = Acordada por la asamblea el { $day }
meeting-agreed-elsewhere = Acordada por una asamblea de otro lugar

# La mesa.
desk-minutes-write = Escribir el acta
desk-minutes-rewrite = Cambiar esta acta
desk-minutes-none = Aún no hay actas. Se pueden escribir desde que empieza una reunión.
desk-minutes-unwritten = Reuniones sin acta
desk-minutes-all = Todas las actas
desk-minutes-text = Acta
desk-minutes-hint = Cada línea bajo Acuerdos que empieza con un guion es un acuerdo, y se puede enlazar. Cada una bajo Temas pendientes pasa al orden del día de la próxima reunión del grupo. Los títulos sin nada debajo no se muestran.
desk-minutes-next = El acta nombra por sí sola la próxima reunión del grupo, también cuando se mueve.
desk-minutes-present = ¿Cuánta gente hubo?
desk-minutes-present-hint = Más o menos. No apuntes nunca quién estuvo: nadie necesita esa lista, y otros podrían quererla.
desk-minutes-present-unsaid = Sin decir
desk-mark-minutes = Acta
desk-agreed = Acordada por
desk-agreed-hint = Solo si una asamblea acordó esta reunión: el enlace a su acuerdo en el acta de la asamblea, de aquí o de otro lugar. Si no, déjalo vacío; entonces no se dice nada.
desk-still-open = El orden del día empieza con lo que quedó pendiente de otras reuniones. Quita lo que ya esté resuelto.
desk-confirm-minutes = ¿Publicar esta acta?
desk-confirm-minutes-do = Publicar el acta
desk-minutes-roll = Lo que está bajo Temas pendientes pasa al orden del día de la próxima reunión: { $when }.
desk-minutes-roll-later = Lo que está bajo Temas pendientes se ofrece cuando prepares la próxima reunión.
desk-minutes-delete-title = ¿Borrar esta acta?
desk-minutes-delete-agreed = Las reuniones acordadas por uno de estos acuerdos dejan de llamarse así, y lo que quedó pendiente se quita del próximo orden del día.

# Por qué no.
refused-minutes-text = Escribe un acta de 1 a 40 000 caracteres, con algo debajo de al menos un título.
refused-minutes-present = Elige cuánta gente hubo, más o menos.
refused-minutes-early = Esta reunión aún no ha llegado: el acta se escribe desde que empieza.
refused-minutes-cancelled = Esta reunión se canceló, así que no hay de qué escribir un acta.
refused-minutes-already = Ya hay un acta de esta reunión: cambia esa.
refused-minutes-deleted = Esta acta se borró.
refused-agreed-decision = Esto no lleva a ningún acuerdo de una asamblea. Abre el acta de la asamblea y copia el enlace del propio acuerdo.
refused-agreed-address = Esto no es un enlace a un acuerdo. Empieza por https:// y lleva al acta de una asamblea.
desk-minutes-change = Cambiar el acta
desk-minutes-language = Los títulos están en la lengua en la que el grupo publica esta acta: { $language }. Puedes elegir otra más abajo.
