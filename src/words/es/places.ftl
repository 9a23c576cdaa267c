# Lugares que se guardan.
places-title = Lugares
places-lead = Dónde se reúnen los grupos de aquí: se guardan una vez y se vuelven a ofrecer. Todos los grupos de aquí pueden usarlos y corregirlos.
places-waiting = Hasta que se dé la bienvenida a tu grupo, solo tu grupo ve los lugares que añade, y solo esos puede cambiar.
places-none = Todavía no se guarda ningún lugar. Añade uno, o marca «Recordar este lugar» al convocar una reunión.
places-new = Añadir un lugar
places-correct = Corregir este lugar
places-correct-more = Las reuniones próximas que lo tomaron cambian con él, también las de otros grupos. Si la gente tiene que ir a otra parte, se le avisa.
places-name = ¿Cómo se llama el lugar?
places-do = Guardarlo
places-remove = ¿Quitar este lugar?
places-remove-way = Quitar este lugar
places-remove-more = Ya no se ofrece. Las reuniones previstas allí se quedan como están.
places-remove-sure = Sí, quitarlo
places-remove-do = Quitarlo
place-access-line = Más sobre esto
place-access-line-hint = Una línea, por ejemplo dónde está la rampa o a qué timbre llamar.

# Lo que hace más fácil venir.
meeting-access = Accesibilidad
access-step-free = entrada sin escalones
access-childcare = cuidado infantil
access-interpretation = interpretación
access-masks = todo el mundo lleva mascarilla
wire-access = Accesibilidad: { $facts }

# Una reunión que al principio solo muestra el barrio.
veil-lifts = La dirección se muestra { $hours } horas antes de que empiece.
veil-lifts-one = La dirección se muestra una hora antes de que empiece.
wire-shown = Aquí es { $title }: { $now }.

# El escritorio.
desk-place-known = O elige un lugar guardado
desk-place-known-hint = Su dirección y lo que se sabe de la accesibilidad se rellenan cuando lo vuelvas a mirar.
desk-place-known-none = Ninguno
desk-remember = Recordar este lugar: todos los grupos de aquí podrán volver a usarlo
desk-veil = Ocultar la dirección hasta poco antes
desk-veil-hint = Hasta entonces todo el mundo ve solo el barrio, aquí, en los calendarios y en otros servidores. Después se publica la dirección, con un aviso. No la escribas en el título ni en el orden del día, o no será un secreto.
desk-district = Barrio
desk-district-hint = Lo que ve todo el mundo hasta entonces, por ejemplo Lavapiés. Si está vacío, no se oculta nada.
desk-lift = Horas antes del comienzo
desk-lift-hint = A las que se muestra la dirección; si lo dejas en blanco, 3.
desk-veiled = Hasta { $hours } horas antes de que empiece, todo el mundo ve solo: { $district }
desk-veiled-one = Hasta una hora antes de que empiece, todo el mundo ve solo: { $district }
desk-habits = Reuniones del grupo
desk-positions = En un mapa
desk-positions-hint = Con qué exactitud se publica la posición de las reuniones del grupo. Vale para lo que publiques desde ahora: lo publicado antes ya lo tienen otros.
desk-positions-exact = Exactamente
desk-positions-100m = A unos 100 metros
desk-positions-1km = A un kilómetro, más o menos
desk-positions-none = De ningún modo
desk-remind = Recordar a quien sigue al grupo tantas horas antes
desk-remind-hint = Se le vuelve a difundir la publicación de la reunión. 0 para nunca; como mucho 48.
desk-horizon = Anunciar las reuniones que se repiten tantos días antes
desk-horizon-hint = Cada una se anuncia cuando falta ese tiempo, para que nadie reciba cincuenta publicaciones de golpe. De 0 a 60; lo normal es 8.

# Por qué no.
refused-place-name = Dale al lugar un nombre de 2 a 200 caracteres en una línea.
refused-place-known = { $name } ya está guardado. Corrígelo en la lista de lugares.
refused-place-many = Ya se guardan { $most } lugares. Quita alguno que nadie use.
refused-place-waiting = Hasta que se dé la bienvenida a tu grupo, guarda como mucho { $most } lugares.
refused-place-theirs = Hasta que se dé la bienvenida a tu grupo, solo cambia sus propios lugares.
refused-place-hidden = Un lugar que ocultas no se guarda para otros grupos. Quita una marca o la otra.
refused-access = Esto no se puede decir de la accesibilidad: { $fact }
refused-access-line = Lo demás sobre accesibilidad se dice en una línea de { $most } caracteres como mucho.
refused-veil-district = Un barrio se nombra con 1 a 100 caracteres en una línea.
refused-meeting-capacity = El sitio es para entre 1 y { $most } personas. Déjalo vacío si hay sitio para todo el mundo.
refused-veil-hours = La dirección se muestra de 1 a { $most } horas antes.
refused-veil-nothing = Escribe el lugar o la dirección que se mostrará después.
refused-veil-published = Esta dirección ya se publicó: otros la tienen, y ocultarla ahora no serviría.
refused-remind = Recuerda de 1 a { $most } horas antes, o 0 para nunca.
refused-positions = Elige con qué exactitud se muestran las reuniones del grupo en un mapa.
