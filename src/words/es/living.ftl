# Si un grupo se sigue reuniendo, en una lista.
living-met = Se reunió el { $day }; la próxima, aún sin fecha
living-quiet = Tranquilo por ahora; la última vez fue el { $day }
living-new = Nuevo aquí; su primera reunión aún no está en la agenda
living-silent = Sin reunión prevista por ahora
living-asleep = Dormido; se reunió por última vez en { $month }
living-asleep-silent = Dormido; sin noticias suyas desde { $month }
living-unsure = En la agenda, pero hace tiempo que nadie dice que se reúna
living-ended = Terminó el { $day }

# Sobre cada parte de la lista de grupos.
living-heading-meets = Se reúnen
living-heading-quiet = Tranquilos por ahora
living-heading-asleep = Dormidos
living-heading-ended = Terminados
living-lead-quiet = No tienen nada en la agenda, pero hace poco dieron noticias. Pregúntales, o síguelos para enterarte cuando haya una reunión.
living-lead-asleep = Hace dos meses que no hay noticias de estos grupos. Una sola reunión despierta a un grupo, y alguien puede retomarlo: mira su página.
living-lead-ended = Estos grupos terminaron por voluntad propia. Gracias a quienes formaron parte de ellos. Cualquiera puede volver a empezar algo parecido.

# En la página de un grupo.
living-said-met = { $group } se reunió el { $day }. Su próxima reunión aún no está en la agenda.
living-said-quiet = El grupo está tranquilo por ahora. { $group } se reunió por última vez el { $day }.
living-said-new = { $group } es un grupo nuevo aquí. Su primera reunión aún no está en la agenda.
living-said-silent = { $group } da noticias, pero no tiene ninguna reunión prevista.
living-said-asleep = { $group } parece un grupo dormido: no se reúne desde { $month }.
living-said-asleep-silent = { $group } parece un grupo dormido: no hay noticias suyas desde { $month }.
living-said-unsure = { $group } tiene reuniones en la agenda, pero nadie ha dicho que las últimas tuvieran lugar.
living-said-ended = { $group } terminó el { $day }.
living-do-you-know = ¿Sabes si se sigue reuniendo?
living-tell = Díselo al grupo
living-bring-back = ¿Quieres retomarlo?
living-one-meeting = Quien hable por él lo despierta con una sola reunión en la agenda.

# Al empezar un grupo.
living-alike = Quizá estos grupos ya hacen esto
living-alike-lead = Míralos primero: a lo mejor puedes sumarte. Se abren en otra pestaña, y lo que has escrito se queda aquí. Si lo tuyo es otra cosa, sigue adelante.

# Al convocar una reunión.
clash-title = A la misma hora
clash-lead = Puede haber quien quiera ir a las dos. Puedes buscar otra hora o dejarla como está.
clash-line = { $group }: { $title }, { $when }
clash-topics = también sobre { $topics }
clash-ours = de este mismo grupo

# Una serie de la que nadie dijo que sus reuniones tuvieran lugar.
meeting-unconfirmed = Nadie ha dicho que las tres últimas reuniones tuvieran lugar. Pregunta al grupo antes de ir.
meeting-unconfirmed-title = Sin confirmar: { $title }
meeting-unconfirmed-mark = Sin confirmar
text-unconfirmed = SIN CONFIRMAR, pregunta antes ({ $hours })
desk-waits-met = ¿Tuvieron lugar? De { $count } reuniones nadie lo ha dicho todavía.
desk-waits-met-one = ¿Tuvo lugar? De { $count } reunión nadie lo ha dicho todavía.
met-title = ¿Tuvo lugar?
met-lead = Dilo con un toque, y la gente sabrá que el grupo se sigue reuniendo. Si no tuvo lugar, nadie más lo ve.
met-yes = Nos reunimos
met-no = No tuvo lugar
met-refused-not-over = Esta reunión no ha terminado todavía.
