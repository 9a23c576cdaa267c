# Lo que está en todas las páginas.
site-skip = Ir al contenido
site-languages = Idioma
site-promise = Sin necesidad de cuenta, sin cookies para leer, sin cargar nada de otros sitios.

# Días y horas en las páginas.
day-today = Hoy, { $date }
day-tomorrow = Mañana, { $date }
day-date = { $weekday } { $day } de { $month }
day-hours = { $from }–{ $to } { $zone }
day-hours-late = { $from } – { $to } { $zone }
day-hour = { $day }, { $hour }
day-moment = { $day }, { $hour } { $zone }

# Portada.
home-lead = Grupos de trabajo en { $city }, qué hacen y cuándo se reúnen. Cualquiera puede participar.
home-meetings = Agenda
home-meetings-none = No hay ninguna reunión prevista por ahora.
home-meetings-none-next = Mira los grupos de abajo: dicen cómo ponerse en contacto.
home-news = Noticias
home-news-none = Ningún grupo ha publicado noticias todavía.
home-groups = Grupos
home-groups-none = Aquí no ha empezado ningún grupo todavía.
home-groups-none-next = Cualquiera puede empezar el primero, desde un teléfono.
home-follow = Sigue a toda la plaza
home-follow-how = Un solo nombre para todo: lo urgente al momento y, cada mañana, lo que hay.

# Un grupo.
group-next = Agenda
group-next-none-contact = Pregunta cuándo es la próxima: { $contact }
group-next-none-follow = Sigue al grupo para enterarte de la próxima.
group-news = Noticias
group-news-none = { $group } no ha publicado noticias todavía.
group-follow = Sigue a este grupo
group-contact = Contacto
group-tags = Temas
group-icon = Imagen de { $group }
group-gone = Este grupo ha terminado
group-gone-more = Sus reuniones y noticias ya no se muestran aquí.

# Una reunión.
meeting-kind-meeting = Reunión
meeting-kind-assembly = Asamblea
meeting-kind-action = Acción
meeting-kind-workday = Jornada de trabajo
meeting-kind-workshop = Taller
meeting-kind-social = Encuentro
meeting-when = Cuándo
meeting-zone = Hora de { $zone }
meeting-where = Dónde
meeting-where-none = El grupo todavía no ha dicho dónde.
meeting-online = En línea
meeting-map = Abrir en una aplicación de mapas
meeting-agenda = Orden del día
meeting-agenda-none = Todavía no hay orden del día.
meeting-cancelled = Esta reunión está cancelada.
meeting-cancelled-title = Cancelada: { $title }
meeting-cancelled-mark = Cancelada
meeting-moved = Esta reunión ha cambiado de fecha u hora. Antes empezaba el { $before }.
meeting-moved-mark = Cambio de fecha u hora
meeting-over = Esta reunión ya ha terminado.
meeting-changes = Qué ha cambiado
meeting-more = Todo sobre { $group }
meeting-gone = Esta reunión ya no se muestra
meeting-gone-more = El grupo que se reunía ha terminado.

# Una noticia.
announcement-urgent = Urgente
announcement-untitled = Noticia de { $group }
announcement-about-meeting = Sobre esta reunión
announcement-updated = Cambiado el { $when }
announcement-gone = Esta noticia se ha borrado
announcement-gone-more = Quien la publicó la ha retirado.

# Un tema.
tag-title = #{ $tag }
tag-lead = Grupos, reuniones y noticias sobre #{ $tag } en { $city }.
tag-none = Ahora mismo no hay nada sobre #{ $tag }.
tag-none-next = Mira todo lo que hay en { $city }.

# Lo que salió mal.
error-home = A la portada de { $city }
error-way-group = La página del grupo
error-way-meeting = La página de la reunión
error-way-desk = La mesa del grupo
error-400 = No entendemos esto
error-400-more = Algo en la dirección o en lo enviado no es como debería.
error-403 = Esto no está permitido
error-403-more = Una regla de este sitio dice que no.
error-404 = Aquí no hay nada
error-404-more = Puede que la dirección esté mal escrita o que lo que había tenga ahora otra.
error-405 = Eso no se puede hacer aquí
error-405-more = Esta dirección se puede leer, pero no usar de esta manera.
error-410 = Esto ya no está
error-410-more = Estuvo aquí y se ha retirado para siempre.
error-413 = Es demasiado de una vez
error-413-more = Lo enviado es más largo de lo que admite este sitio.
error-415 = Aquí no se admite este tipo de datos
error-415-more = Envíalos de otra forma.
error-421 = Has llegado por una dirección equivocada
error-421-more = Este servidor solo responde a su propio nombre.
error-429 = Espera un momento, por favor
error-429-more = Se ha pedido demasiado a la vez. Prueba de nuevo en unos minutos.
error-500 = Algo ha fallado por nuestra parte
error-500-more = No es culpa tuya. Quien cuida el sitio puede verlo en el registro. Prueba de nuevo en un momento.
error-503 = El sitio está muy ocupado
error-503-more = Prueba de nuevo en un momento; no se ha perdido nada.

# Lo que dicen grupos de otras ciudades.
elsewhere = De otras ciudades
elsewhere-about = Lo que dicen grupos de otros lugares que algún grupo de aquí quiere escuchar. Cada cosa lleva a donde se dijo.
elsewhere-none = Ningún grupo de aquí escucha todavía a uno de otra ciudad.
elsewhere-regular = Reuniones periódicas
elsewhere-clock = (según el reloj de { $zone })
elsewhere-there = Allí: { $when }
elsewhere-said = Lo que dijeron

group-moves = Este grupo se muda a otro servidor el { $day }.
group-moved = Este grupo se ha mudado. Síguelo allí:
