# Las partes del sitio, en todas las páginas.
site-parts = Partes de este sitio
site-about = Acerca de
site-safety = Tu seguridad aquí
site-news-feed = Noticias por Atom
site-calendar = Calendario

# Días, como títulos.
day-called-today = Hoy
day-called-tomorrow = Mañana
day-of-month = { $day } de { $month }
day-of-year = { $day } de { $month } de { $year }
day-away = En { $days } días

# La agenda.
agenda-lead = Qué hay en { $city }: reuniones, asambleas, acciones y talleres. Cualquiera puede participar.
agenda-zone = Las horas son las de { $place } ({ $letters }).
agenda-find = Buscar algo
agenda-group = Grupo
agenda-any = Cualquiera
agenda-tag = Tema
agenda-place = Lugar
agenda-online = Cómo participar
agenda-online-no = En una sala o al aire libre
agenda-online-yes = En línea
agenda-show = Mostrar
agenda-months = Meses
agenda-month = { $month } de { $year }
agenda-month-before = Mes anterior
agenda-month-after = Mes siguiente
agenda-day = { $date }. Reuniones: { $count }
agenda-none = Nada de lo previsto coincide con esto.
agenda-everything = Toda la agenda
agenda-pages = Páginas de esta lista
agenda-earlier = Antes
agenda-later = Después
agenda-calendar = Una sola vez, como archivo de calendario
agenda-subscribe = En tu calendario, con cada cambio
agenda-feed = Como canal de noticias, para lectores (Atom)
agenda-poster = Un cartel de esta semana, para imprimir

# Portada.
home-today-none = Para hoy no hay nada previsto. Lo siguiente:
home-news-all = Todas las noticias

# Grupos.
groups-lead = Grupos de trabajo en { $city } y cuándo se reúnen. Ve al que quieras: no hace falta pedir permiso.
groups-none = Ningún grupo trata de esto.
groups-everything = Todos los grupos
groups-next-none = Sin reunión prevista por ahora
groups-before = Grupos anteriores
groups-after = Más grupos
group-poster = Un cartel de este grupo, para imprimir

# Noticias.
news-lead = Noticias de los grupos de trabajo en { $city }.
news-newer = Más recientes
news-older = Anteriores

# Seguir.
follow-copy = Copia este nombre.
follow-paste = Pégalo donde busca tu aplicación: Mastodon, Friendica, Mobilizon o cualquier otra del Fediverso.
follow-press = Pulsa Seguir.

# Una reunión.
meeting-kind = Tipo
meeting-here = En { $city } será entonces { $moment }.
meeting-calendar = Añadir al calendario
meeting-subscribe = Añadir y enterarte de los cambios

# Como texto.
text-title = Pásalo
text-how = Toca el texto para seleccionarlo entero, cópialo y pégalo en cualquier chat.
text-alone = Solo el texto
text-copy = Copiar
text-copied = Copiado.
text-moved = Cambio de fecha u hora; antes: { $before }
text-online = En línea: { $link }
text-who = { $group }, { $city }
text-zone = { $letters } ({ $place })
text-urgent = URGENTE: { $title }
