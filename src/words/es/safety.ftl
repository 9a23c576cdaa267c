# Lo que se guarda. Cada tabla tiene una línea kept-TABLA (cuánto tiempo), cada columna una línea stored-TABLA--COLUMNA (para qué), con - por _.
# El programa no se construye mientras falte alguna aquí o en otro idioma.

safety-title = Qué guarda este sitio
safety-lead = Todo lo que guarda { $city }, para qué y cuánto tiempo. Esta lista se hace con las tablas del programa en marcha: no puede dejarse nada.
safety-how = Lo que aquí se escribe sobre los grupos es público de todos modos. De ti, si solo lees, no se guarda nada. De las cuentas que siguen a un grupo, lo mínimo para llegar a ellas.
safety-never = Qué no se guarda
safety-never-visits = Quién lee este sitio: ni direcciones de red (IP), ni navegadores, ni recuentos de visitas. Quien lee no recibe cookies; quien entra recibe una, que no dice más que quién es aquí.
safety-never-coming = Quién va a una reunión. A quien lo dice aquí se le da un enlace que nadie más tiene; guardamos una huella de ese enlace y la borramos una hora después de la reunión. Cuando alguien lo dice desde otro servidor, ni lo contamos ni lo anotamos; la respuesta automática a su servidor, que la nombra, se borra a la semana.
safety-never-accounts = Correos, teléfonos y nombres verdaderos de quienes tienen cuenta aquí: basta un nombre inventado.
safety-never-writing = Qué cuenta de otro servidor avisó de algo, ni quién de aquí dejó pasar una respuesta o no quiso escuchar a alguien.
safety-never-location = Dónde se hicieron las fotos: todo lo escondido en el archivo de una imagen se quita antes de guardarla.
safety-fields = Cada campo de «{ $topic }» y para qué sirve
safety-topic-published = Lo que publican los grupos
safety-topic-published-more = Los grupos, sus reuniones y sus avisos. Todo es público: está para leerse, seguirse y difundirse. No se nombra a nadie, salvo que un grupo escriba un nombre.
safety-topic-coming = Lo que la gente dice a los grupos
safety-topic-coming-more = Si va a venir y qué propone. Sin cuenta y sin nombre; ni siquiera se anota la hora.
safety-topic-accounts = Cuentas
safety-topic-accounts-more = Quien quiere hablar por un grupo tiene una cuenta: un nombre a su gusto y una contraseña, sin correo. No se muestra quién habla por qué grupo, salvo que lo quiera; hay que anotarlo para que nadie más pueda hacerlo.
safety-topic-followers = Quién sigue
safety-topic-followers-more = Cuentas de otros servidores que siguen a un grupo, con lo necesario para llegar a ellas y comprobar que un mensaje es suyo. Las listas no son públicas, pero puede leerlas quien cuida el sitio y quien se lleve el servidor.
safety-topic-elsewhere = Lo que oímos de otras ciudades
safety-topic-elsewhere-more = Grupos de otros lugares a los que siguen los nuestros, y lo que dijeron en público.
safety-topic-answers = Lo que otros dicen a los grupos
safety-topic-answers-more = Respuestas públicas, «me gusta» y mensajes de cuentas de otros servidores a los grupos de este lugar, y lo que alguien pidió mirar a quienes lo cuidan.
safety-topic-sent = Lo que enviamos
safety-topic-sent-more = Mensajes para otros servidores, guardados hasta que llegan, y cómo están los servidores a los que escribimos.
safety-topic-received = Lo que llega
safety-topic-received-more = Notas de corta vida que impiden que alguien se haga pasar por otro o repita mensajes viejos.
safety-topic-place = El lugar mismo
safety-topic-place-more = Sus ajustes, las claves con las que firman sus grupos y los servidores con los que no habla.
safety-topic-rest = Otras cosas
safety-topic-rest-more = Lo añadido últimamente.
safety-logs = En el registro
safety-logs-more = El programa apunta sus propios fallos y los nombres de los servidores a los que no llega, no quién pide qué página. Adónde va ese registro y cuánto dura depende de la máquina. Un servidor web delante de Plaza puede apuntar por su cuenta las direcciones de quien visita: quien cuida el sitio debería desactivarlo, y puedes preguntarle si lo ha hecho.
safety-backups = En las copias de seguridad
safety-backups-more = Una copia contiene todo lo de esta lista, cifrado, tal como estaba ese día. Lo que se borra hoy sigue en la copia de ayer hasta que quien cuida el sitio borre también esa copia.
safety-elsewhere = En otros servidores
safety-elsewhere-more = Federar es publicar: lo que dice un grupo se copia a todos los servidores desde los que se le sigue, y cualquiera puede guardar una página. Cuando un grupo cambia o borra algo, pedimos a todos esos servidores que hagan lo mismo. La mayoría lo hace; nadie puede obligarlos.
safety-handed-over = Qué nos podrían quitar
safety-handed-over-more = Quien se lleve este servidor, por ley o por la fuerza, obtiene lo que ya es público, qué cuenta puede hablar por qué grupo, las cuentas de otros servidores que siguen a los grupos de este lugar, lo que se propuso a los grupos en los últimos 30 días, lo que espera entregarse, las respuestas a los grupos y a qué cuentas les gustó qué, los mensajes a los grupos de los últimos siete días y el último día de lo que no se pudo comprobar. No obtiene quién lee aquí ni quién va a las reuniones, porque eso no está. Para no aparecer en la lista de seguidores, lee este sitio sin seguir a nadie, o llévate el calendario, el papel o el texto.

kept-settings = Mientras exista el lugar.
stored-settings--name = Cómo se llama el ajuste.
stored-settings--value = Qué dice: la dirección, el nombre, los idiomas y la zona horaria del lugar, sus principios, cómo hablar con quien lo cuida.

kept-actors = Mientras exista el lugar, también después de que un grupo termine: nadie debe tomar su nombre y hablar por él.
stored-actors--path = Dónde encuentran otros servidores al grupo, o al lugar mismo.
stored-actors--kind = Si es un grupo o el lugar mismo.
stored-actors--handle = El nombre de antes de la @.
stored-actors--rsa-private = La clave secreta que demuestra a otros servidores que las palabras son del grupo; cerrada con un secreto que no está en la base de datos.
stored-actors--rsa-public = Su otra mitad, que cualquiera puede ver.
stored-actors--ed25519-private = Otra clave secreta, cerrada igual, para una firma más moderna.
stored-actors--ed25519-public = Su otra mitad, que cualquiera puede ver.
stored-actors--created = Cuándo se creó.
stored-actors--closed = Cuándo terminó el grupo.
stored-actors--welcomed = Desde cuándo cualquiera puede saber de él. Vacío si el grupo espera la bienvenida.

kept-groups = Mientras exista el lugar. Cuando un grupo termina, su página desaparece al momento, pero lo que decía de sí mismo queda en la base de datos.
stored-groups--handle = El nombre de antes de la @, con el que se encuentra y se sigue al grupo.
stored-groups--name = Cómo se llama el grupo.
stored-groups--mission = Para qué está.
stored-groups--contact = Cómo hablar con él, con sus propias palabras; es público.
stored-groups--tags = Temas con los que se encuentra.
stored-groups--language = El idioma de estas palabras, para lectores de pantalla y traducción.
stored-groups--icon = El nombre del archivo de su imagen.
stored-groups--header = El nombre del archivo de su imagen ancha.
stored-groups--created = Cuándo empezó el grupo.
stored-groups--updated = Cuándo cambió por última vez lo que dice de sí mismo.
stored-groups--frozen = Hasta cuándo no se puede añadir ni quitar a nadie entre quienes hablan por el grupo.
stored-groups--ending = Cuándo terminará el grupo, si así lo han dicho quienes hablan por él.
stored-groups--positions = Con qué exactitud quiere el grupo que se muestren los lugares en un mapa.
stored-groups--remind = Cuántas horas antes de una reunión el grupo se la recuerda a quien lo sigue.

kept-meetings = Mientras exista el lugar: son su historia. Lo que un grupo cambia se sobrescribe, y lo anterior no se guarda aquí.
stored-meetings--id = Un número con el que se encuentra la reunión.
stored-meetings--group-handle = Qué grupo se reúne.
stored-meetings--title = Cómo se llama.
stored-meetings--kind = Reunión, asamblea, acción, jornada, taller o encuentro.
stored-meetings--starts = Cuándo empieza.
stored-meetings--ends = Cuándo termina.
stored-meetings--zone = La zona horaria en la que se dijo la hora.
stored-meetings--place = Dónde es.
stored-meetings--address = Cómo llegar.
stored-meetings--latitude = El lugar en un mapa, si el grupo lo dio.
stored-meetings--longitude = El lugar en un mapa, si el grupo lo dio.
stored-meetings--online-url = Dónde se participa a distancia; es público.
stored-meetings--agenda = De qué tratará.
stored-meetings--language = El idioma de estas palabras.
stored-meetings--mentions = Cuentas de otros servidores que el grupo nombró con @ en el orden del día.
stored-meetings--tags = Temas del orden del día, con los que se encuentra.
stored-meetings--pictures = Sus imágenes con sus descripciones; los archivos no guardan nada de lo que la cámara escribió en ellos.
stored-meetings--series = A qué serie de reuniones pertenece; todavía no se usa.
stored-meetings--sequence = Cuántas veces se ha movido o cambiado, para que los calendarios tomen lo último.
stored-meetings--previous-start = Cuándo iba a empezar antes de moverse, para que se vea el cambio.
stored-meetings--cancelled = Cuándo se canceló.
stored-meetings--published = Cuándo se anunció.
stored-meetings--updated = Cuándo se cambió por última vez.
stored-meetings--place-id = Cuál de los lugares guardados tomó.
stored-meetings--access = Lo que hace más fácil venir, como que no haya escalones o que se cuide a las criaturas.
stored-meetings--access-line = Una línea sobre eso en palabras del grupo.
stored-meetings--veil = Cuántas horas antes de empezar muestra algo más que el barrio, si el grupo lo quiere así.

kept-places = Hasta que alguien que habla por un grupo los quite. Quienes hablan por algún grupo de aquí pueden verlos y usarlos.
stored-places--id = Un número con el que se encuentra el lugar.
stored-places--group-handle = Qué grupo lo guarda.
stored-places--name = Cómo lo llama la gente.
stored-places--folded = Lo mismo sin acentos ni mayúsculas, para encontrarlo como sea que se escriba.
stored-places--address = Cómo llegar.
stored-places--latitude = El lugar en un mapa, con la exactitud que quiere el grupo que lo guarda.
stored-places--longitude = El lugar en un mapa, con la exactitud que quiere el grupo que lo guarda.
stored-places--access = Lo que hace más fácil venir, como que no haya escalones o que se cuide a las criaturas.
stored-places--access-line = Una línea sobre eso en palabras del grupo.
stored-places--updated = El día en que se corrigió por última vez.

kept-veiled = Hasta que se muestra la dirección; si la reunión se cancela se borra en el acto, y como muy tarde una hora después de la reunión.
stored-veiled--meeting = Qué reunión muestra por ahora solo un barrio.
stored-veiled--lifts = Cuándo se muestra lo demás.
stored-veiled--place = Dónde es de verdad.
stored-veiled--address = Cómo llegar.
stored-veiled--latitude = El lugar en un mapa, si el grupo lo dio.
stored-veiled--longitude = El lugar en un mapa, si el grupo lo dio.
stored-veiled--online-url = Dónde se participa a distancia.
stored-veiled--place-id = Cuál de los lugares guardados tomó.
stored-veiled--access-line = Una línea sobre cómo entrar.

kept-reminders = Hasta un día después de la reunión.
stored-reminders--meeting = Qué reunión recordó el grupo, para hacerlo una sola vez.
stored-reminders--activity = Lo que se envió, para poder retirarlo.
stored-reminders--at = Cuándo.

kept-announcements = Hasta que el grupo lo borra: entonces título, texto y nombres se eliminan al momento, y solo quedan el número, el grupo, el idioma, los temas y las fechas.
stored-announcements--id = Un número con el que se encuentra; tras borrarse dice que aquí hubo algo.
stored-announcements--group-handle = Qué grupo lo dijo.
stored-announcements--meeting = La reunión de la que trata, si avisa de un cambio.
stored-announcements--title = Su título.
stored-announcements--text = Lo que se dijo.
stored-announcements--language = El idioma de estas palabras.
stored-announcements--urgent = Si el grupo lo marcó como urgente.
stored-announcements--mentions = Cuentas de otros servidores que el grupo nombró con @.
stored-announcements--tags = Temas con los que se encuentra.
stored-announcements--pictures = Sus imágenes con sus descripciones; los archivos no guardan nada de lo que la cámara escribió en ellos, y desaparecen cuando ninguna publicación los muestra.
stored-announcements--published = Cuándo se dijo.
stored-announcements--updated = Cuándo se cambió por última vez.
stored-announcements--deleted = Cuándo se retiró.
stored-announcements--answers = A qué respuesta de otro servidor contesta.

kept-activities = Lo dicho en público: mientras exista el lugar, y se elimina alrededor de una hora después de retirarse y avisar a todos. Respuestas a una sola persona: una semana.
stored-activities--sequence = El orden en que se dijeron las cosas.
stored-activities--id = El número del mensaje.
stored-activities--actor = Qué grupo lo dijo.
stored-activities--kind = Si es algo nuevo, cambiado, borrado o una respuesta.
stored-activities--object = De qué trata. La respuesta a una persona nombra su cuenta.
stored-activities--body = El mensaje tal como lo reciben otros servidores, para entregarlo de nuevo si hace falta. La respuesta a una persona repite lo que pidió.
stored-activities--public = Si se dijo a todo el mundo o responde a una persona.
stored-activities--published = Cuándo se dijo.
stored-activities--retracted = Cuándo se retiró.

kept-deliveries = Hasta que se entrega. Tras siete días de fallos se abandona; lo que un servidor rechaza del todo se recuerda 30 días.
stored-deliveries--id = Un número.
stored-deliveries--host = El servidor al que va.
stored-deliveries--inbox = El buzón de allí: casi siempre el de todo el servidor, a veces el de una cuenta.
stored-deliveries--activity = Qué mensaje.
stored-deliveries--not-before = Cuándo volver a intentarlo.
stored-deliveries--tries = Cuántas veces ha fallado.
stored-deliveries--first-try = Cuándo falló por primera vez.
stored-deliveries--status = Qué respondió el servidor, como número.
stored-deliveries--last-error = Por qué falló, para quien cuida el sitio.
stored-deliveries--set-aside = Por qué no se intenta más.

kept-hosts = Mientras algo espere para ese servidor, alguien de allí siga a un grupo, o haya fallado en los últimos 30 días.
stored-hosts--host = El nombre del servidor.
stored-hosts--next-try = Cuándo volver a hablar con él.
stored-hosts--lease-until = Hasta cuándo se ocupa de él uno de nuestros programas, para que nada salga dos veces.
stored-hosts--fails = Cuántas veces seguidas no ha respondido.
stored-hosts--failing-since = Desde cuándo.
stored-hosts--last-error = Por qué, para quien cuida el sitio.
stored-hosts--dead = Si hemos desistido hasta que nos vuelva a hablar.
stored-hosts--scheme = Qué tipo de firma entiende.

kept-remote-actors = Mientras la cuenta siga a un grupo, un grupo la escuche o se guarde aquí algo que respondió o le gustó; si no, 90 días. Cuando su servidor dice que se ha borrado: al momento.
stored-remote-actors--uri = La dirección de la cuenta en su servidor.
stored-remote-actors--host = Qué servidor es.
stored-remote-actors--kind = Si dice ser una persona, un grupo o un programa.
stored-remote-actors--handle = Su nombre, para que un grupo vea quién lo sigue.
stored-remote-actors--inbox = Dónde entregarle mensajes.
stored-remote-actors--shared-inbox = El buzón común de su servidor, para que baste una entrega para todos.
stored-remote-actors--public-keys = Claves con las que comprobamos que un mensaje es de verdad de allí.
stored-remote-actors--assertion-keys = Lo mismo para una firma más moderna.
stored-remote-actors--fetched = Cuándo preguntamos por ella a su servidor por última vez.
stored-remote-actors--key-checked = Cuándo preguntamos por última vez porque una firma no valía, para que nadie nos haga preguntar sin parar.

kept-follows = Hasta que la cuenta deja de seguir, bloquea al grupo, desaparece o se bloquea aquí.
stored-follows--group-handle = Qué grupo se sigue.
stored-follows--follower = La dirección de la cuenta que sigue. La lista no es pública; solo cuántas hay.
stored-follows--follow-id = El número de la petición, para poder responderla y retirarla.
stored-follows--host = Su servidor.
stored-follows--inbox = Dónde entregarle mensajes.
stored-follows--shared-inbox = El buzón común de su servidor.

kept-former-inboxes = 90 días.
stored-former-inboxes--group-handle = Qué grupo se seguía.
stored-former-inboxes--inbox = Un buzón que ya no sigue pero puede conservar mensajes: se le avisa cuando uno cambia o se borra. No nombra a nadie si el servidor tiene un buzón común.
stored-former-inboxes--host = Su servidor.
stored-former-inboxes--left-at = Desde cuándo no sigue: no recibe nada de lo dicho después.
stored-former-inboxes--until = Cuándo se borra esta fila.

kept-blocks = Hasta que quien cuida el sitio lo levanta.
stored-blocks--target = El servidor o la cuenta que ni se escucha ni se alcanza.
stored-blocks--created = Desde cuándo.

kept-arrivals = Como mucho un día; casi siempre segundos.
stored-arrivals--id = Un número.
stored-arrivals--host = El servidor del que vino.
stored-arrivals--request = Sus cabeceras con la firma, para comprobarla en cuanto responda su servidor. Sin la dirección de red de la que vino.
stored-arrivals--body = El mensaje mismo.
stored-arrivals--received = Cuándo llegó.
stored-arrivals--tries = Cuántas veces ha fallado la comprobación.
stored-arrivals--next-try = Cuándo comprobarlo otra vez.
stored-arrivals--quarantined = Por qué no se pudo comprobar.

kept-handled = 14 días.
stored-handled--activity = El número de un mensaje ya atendido, para que repetirlo no tenga efecto. No lo que decía.
stored-handled--time = Cuándo.

kept-seen-signatures = 70 minutos.
stored-seen-signatures--hash = Una huella de una firma, para que nadie pueda repetir un mensaje ajeno.
stored-seen-signatures--time = Cuándo se vio.

kept-sisters = Hasta que nuestro grupo deja de escucharlo o el otro se borra.
stored-sisters--group-handle = Cuál de nuestros grupos escucha.
stored-sisters--actor = La dirección del grupo de la otra ciudad.
stored-sisters--activity = El número de nuestra petición.
stored-sisters--state = Si se le ha preguntado, ha aceptado o ha rechazado.
stored-sisters--created = Desde cuándo.

kept-elsewhere = Hasta que quien lo escribió lo borra, o ninguno de nuestros grupos lo escucha ya.
stored-elsewhere--uri = Su dirección en el otro servidor.
stored-elsewhere--actor = Quién lo dijo.
stored-elsewhere--kind = Si es un mensaje o una reunión.
stored-elsewhere--title = Su título.
stored-elsewhere--content = Lo que se dijo, en público.
stored-elsewhere--url = Dónde leerlo.
stored-elsewhere--in-reply-to = A qué responde.
stored-elsewhere--language = El idioma de estas palabras.
stored-elsewhere--starts = Cuándo empieza la reunión.
stored-elsewhere--ends = Cuándo termina la reunión.
stored-elsewhere--zone = La zona horaria de la reunión.
stored-elsewhere--place = Dónde es la reunión.
stored-elsewhere--cancelled = Si se canceló.
stored-elsewhere--published = Cuándo se dijo.
stored-elsewhere--updated = Cuándo se cambió por última vez.
stored-elsewhere--received = Cuándo nos llegó.

kept-digests = Mientras exista el lugar: que una mañana tuvo su resumen.
stored-digests--date = La mañana para la que era.
stored-digests--note = El aviso que se publicó, si había algo que decir.
stored-digests--items = Qué reuniones y avisos nombra.
stored-digests--more-meetings = Cuántas reuniones había además de las que nombra.
stored-digests--more-news = Cuántos avisos había además de los que nombra.
stored-digests--made = Cuándo se hizo.

kept-passed-on = Hasta que se retire allí, o hasta que ninguno de nuestros grupos escuche a quien lo difundió.
stored-passed-on--uri = Qué publicación de otro servidor.
stored-passed-on--actor = Qué grupo de otra parte la difundió.
stored-passed-on--activity = El número de ese mensaje.
stored-passed-on--received = Cuándo nos llegó.

kept-meeting-terms = Tanto como la reunión de la que se toman.
stored-meeting-terms--term = Una palabra por la que se encuentra la reunión: su grupo, su tipo, un tema o una palabra de su lugar.
stored-meeting-terms--starts = Cuándo empieza la reunión.
stored-meeting-terms--meeting = Qué reunión.
stored-meeting-terms--ends = Cuándo termina la reunión.

kept-members = Mientras exista la cuenta. Quien se va queda borrado en el acto.
stored-members--id = Un número de la cuenta, hecho al azar; no se muestra en ninguna parte.
stored-members--handle = El nombre con el que la persona entra.
stored-members--name = Cómo quiere que la llamen; vale cualquier nombre.
stored-members--language = El idioma en que el sitio le habla.
stored-members--password = Una huella de la contraseña (argon2id), de la que no se puede leer la contraseña; nada si solo usa una llave de acceso.
stored-members--caretaker = Si cuida el sitio.
stored-members--welcomed = El día en que se dio la bienvenida a un grupo suyo; no quién la dio.
stored-members--created = El día en que se hizo la cuenta.
stored-members--used = El día en que la persona entró por última vez; una cuenta sin grupo se borra tras 30 días sin uso.

kept-recovery-codes = Hasta que se usan o se hacen otros.
stored-recovery-codes--hash = Una huella de un código que la persona apuntó; cada uno sirve una vez en lugar de la contraseña.
stored-recovery-codes--member = De quién es el código.

kept-ways-in = Hasta que se usan: 15 minutos, un día o nueve días como mucho.
stored-ways-in--hash = Una huella del secreto del enlace, que solo conoce quien tiene el enlace.
stored-ways-in--kind = Para qué es el enlace: la primera cuenta, una invitación, una vuelta a entrar que da alguien del mismo grupo, quien cuida el sitio o un código de recuperación, o una llave de acceso a la que ya se respondió y no se puede responder otra vez.
stored-ways-in--member = A quién deja entrar.
stored-ways-in--shown-by = Qué persona del mismo grupo lo mostró, durante 15 minutos como mucho: deja de servir cuando ya no puede mostrarlo.
stored-ways-in--opens = Desde cuándo sirve.
stored-ways-in--ends = Hasta cuándo sirve.

kept-passkeys = Hasta que la persona quita la llave de acceso o se va.
stored-passkeys--id = El número con el que el aparato de la persona conoce la llave.
stored-passkeys--member = De quién es la llave.
stored-passkeys--public-key = La mitad pública de la llave, con la que nadie puede entrar.
stored-passkeys--uses = Cuántas veces se usó, según cuenta el aparato.
stored-passkeys--added = El día en que se añadió.

kept-sessions = Hasta que la persona salga, tras 30 días sin visita, y 90 días como mucho.
stored-sessions--hash = Una huella de la llave que solo tiene el navegador.
stored-sessions--id = Un número con el que la persona cierra esta sesión desde otro aparato.
stored-sessions--member = De quién es la sesión.
stored-sessions--begun = El día en que empezó.
stored-sessions--seen = El último día en que se usó; ni la hora, ni el aparato, ni la red.

kept-organizers = Mientras la persona hable por el grupo.
stored-organizers--group-handle = Qué grupo.
stored-organizers--member = De quién es la cuenta.
stored-organizers--since = Desde cuándo: quien acaba de llegar no puede todavía añadir ni quitar a otras personas.
stored-organizers--founder = Si empezó el grupo.
stored-organizers--shown = Si quiere su nombre en la página del grupo; no, si no lo dice.
stored-organizers--paused = Desde cuándo descansan sus poderes, porque le quitaron el teléfono.

kept-proposals = Hasta que se resuelve o vence: 7 días; si se trata de quitar a alguien, 14.
stored-proposals--id = Un número al azar que la identifica.
stored-proposals--group-handle = De qué grupo se trata.
stored-proposals--kind = Qué se pide: hablar por el grupo, o que alguien deje de hacerlo.
stored-proposals--reason = Por qué, de una lista corta.
stored-proposals--member = Qué cuenta lo pide.
stored-proposals--about = De qué cuenta se trata.
stored-proposals--hash = De una invitación: una huella de su enlace, de la que no se puede obtener el enlace.
stored-proposals--until = Cuándo vence.

kept-deeds = 180 días. En público, solo cuántos hubo en qué semana; quién y a quién se muestra únicamente al grupo, y desaparece con la cuenta.
stored-deeds--id = Un número al azar que lo identifica.
stored-deeds--done = El día.
stored-deeds--group-handle = De qué grupo se trata, si de alguno.
stored-deeds--kind = Qué se hizo.
stored-deeds--role = En qué papel: hablando por el grupo o cuidando el sitio. De una bienvenida ni siquiera se guarda quién la dio.
stored-deeds--reason = Por qué, de una lista corta.
stored-deeds--member = Qué cuenta lo hizo.
stored-deeds--about = De qué cuenta se trata.

kept-replies = Una respuesta espera como mucho 30 días a que el grupo la deje pasar; la que se ocultó se borra a los 30 días. La que se muestra queda mientras exista la publicación a la que responde, y desaparece al momento si su cuenta la borra, se da de baja o se bloquea.
stored-replies--id = Un número con el que el grupo la encuentra.
stored-replies--uri = Su dirección en el otro servidor.
stored-replies--group-handle = A qué grupo se respondió.
stored-replies--root = Debajo de qué publicación está.
stored-replies--parent = A qué responde.
stored-replies--depth = Cuántas respuestas hay entre ella y la publicación.
stored-replies--actor = La dirección de la cuenta que la escribió en público.
stored-replies--handle = Su nombre, tal como se muestra junto a la respuesta.
stored-replies--host = Su servidor.
stored-replies--content = Lo que se dijo en público, sin imágenes.
stored-replies--warning = De qué avisa quien la escribió.
stored-replies--language = El idioma de estas palabras.
stored-replies--url = Dónde leerla en el otro servidor.
stored-replies--pictures = Cuántas imágenes tiene allí; no se copian.
stored-replies--state = Si espera, se muestra o se ocultó.
stored-replies--published = Cuándo se dijo.
stored-replies--updated = Cuándo cambió por última vez.
stored-replies--received = Cuándo nos llegó.

kept-repliers = Un año después de la última respuesta; si no se le quiso escuchar, hasta que el grupo cambie de idea. Al momento si la cuenta se da de baja.
stored-repliers--group-handle = Qué grupo dejó pasar las respuestas de una cuenta o no quiso escucharla.
stored-repliers--actor = La dirección de esa cuenta.
stored-repliers--standing = Si sus respuestas se muestran al momento o nunca. No quién lo decidió.
stored-repliers--seen = El día de su última respuesta, para poder borrar esta fila.

kept-letters = 7 días.
stored-letters--id = Un número.
stored-letters--uri = Su dirección en el otro servidor.
stored-letters--group-handle = A qué grupo se escribió.
stored-letters--actor = La dirección de la cuenta que escribió.
stored-letters--handle = Su nombre.
stored-letters--content = Lo que se escribió al grupo y no a todo el mundo. No es secreto: pueden leerlo quienes hablan por el grupo, quienes cuidan el sitio y quienes llevan los dos servidores, y así se le dice a quien escribe.
stored-letters--received = Cuándo llegó.

kept-reactions = Hasta que se retira, la cuenta se da de baja o desaparece aquello que gustó.
stored-reactions--object = Qué gustó, se difundió o tuvo una reacción.
stored-reactions--kind = Cuál de ellas fue.
stored-reactions--actor = La dirección de la cuenta, para que cuente una vez, pueda retirarse y su servidor sepa de los cambios. Solo se muestra el número, aquí y a otros servidores.
stored-reactions--activity = El número del mensaje, para poder retirarlo.

kept-reports = 180 días.
stored-reports--id = Un número.
stored-reports--about = De qué trata el aviso.
stored-reports--host = El servidor del que llegó. No quién avisó.
stored-reports--objects = Las publicaciones y cuentas que nombra.
stored-reports--reason = Qué estaba mal, en palabras de quien avisó.
stored-reports--times = Cuántas veces se avisó de lo mismo desde allí.
stored-reports--received = Cuándo llegó.
stored-reports--closed = Cuándo quienes cuidan el sitio terminaron con él.

kept-blocked-words = Hasta que quienes cuidan el sitio la retiren.
stored-blocked-words--word = Una palabra por la que una respuesta no se muestra al momento.
stored-blocked-words--created = Desde cuándo.

kept-servers = Hasta que quienes cuidan el sitio lo cambien.
stored-servers--host = El nombre de otro servidor.
stored-servers--standing = Si se le dejó entrar o antes se mira lo que dice.
stored-servers--since = Desde cuándo.

kept-held = Hasta que se deje entrar al servidor, como mucho 14 días.
stored-held--activity = El número de un mensaje de un servidor que aún no ha entrado.
stored-held--host = Ese servidor.
stored-held--actor = La dirección de la cuenta que lo envió.
stored-held--kind = Qué tipo de mensaje es.
stored-held--object = De qué trata.
stored-held--body = El mensaje mismo, sin la dirección de red de la que llegó.
stored-held--received = Cuándo llegó.

kept-coming = La clave, hasta una hora después de la reunión; cuánta gente dijo que venía, por tramos, mientras se muestre la reunión.
stored-coming--meeting = Qué reunión.
stored-coming--asked = Si el grupo quiere que la gente diga si va a venir.
stored-coming--key = Una clave solo de esta reunión, cerrada con un secreto que no está en la base de datos. Se borra una hora después del final: desde entonces nada lleva aquí al enlace de nadie.
stored-coming--hour = La última hora en la que contestó alguien nuevo, para notar una avalancha de respuestas falsas.
stored-coming--come = Cuánta gente dijo que venía, por tramos como de 10 a 19; se anota cuando se borran las respuestas.
stored-coming--maybe = Cuánta gente dijo que quizá, por los mismos tramos.

kept-answers = Hasta una hora después de la reunión.
stored-answers--meeting = Qué reunión.
stored-answers--fingerprint = Una huella del enlace con el que la persona puede cambiar su respuesta, hecha con la clave de la reunión. El enlace está solo en su navegador.
stored-answers--answer = Viene, quizá o no viene.
stored-answers--state = Si está contada, o si llegó con tantas otras que el grupo tiene que mirar primero.

kept-suggestions = Hasta que alguien que organiza el grupo la toma o la descarta, y 30 días como mucho.
stored-suggestions--id = Un número, hecho al azar.
stored-suggestions--group-handle = Para qué grupo es.
stored-suggestions--text = Lo que alguien propone.
stored-suggestions--moment = Cuándo sería, en sus palabras.
stored-suggestions--place = Dónde sería, en sus palabras.
stored-suggestions--link = Dónde leer más.
stored-suggestions--received = El día en que llegó. Nada sobre quién la envió.
kept-drafts = Hasta que se publica o se tira, o 30 días después del último cambio.
stored-drafts--id = Un número del borrador, hecho al azar.
stored-drafts--group-handle = Qué grupo está por decirlo.
stored-drafts--kind = Si es una noticia o una reunión.
stored-drafts--about = Qué noticia o reunión cambiaría.
stored-drafts--body = Lo escrito hasta ahora. Lo ve cualquiera que hable por el grupo.
stored-drafts--pictures = Las imágenes que se dieron, con sus descripciones.
stored-drafts--due = Cuándo se publica por sí solo, si el grupo lo quiere.
stored-drafts--author = Solo mientras hay una hora fijada: de quién es la cuenta que la fijó, porque se publica solo si esa persona sigue hablando por el grupo.
stored-drafts--stopped = Por qué no se publicó a su hora.
stored-drafts--revision = Cuántas veces se cambió, para que dos personas no se pisen.
stored-drafts--touched = El día del último cambio.

kept-notices = Hasta que la persona lo desactiva o se va. De quien no activó nada no se guarda nada.
stored-notices--member = De quién es la cuenta.
stored-notices--feed = Una huella de la clave que hay en la dirección de su canal privado, si lo quiere.
stored-notices--account = La dirección de su propia cuenta en otro servidor, si quiere que se le avise allí.
stored-notices--code = Una huella del código que se envió allí, hasta que se escribió aquí.
stored-notices--tries = Cuántas veces se escribió un código equivocado.
stored-notices--asked = El minuto en que se envió el código, para que a nadie le lleguen muchos; se olvida al cabo de un día.
stored-notices--told = Cuánto esperaba cuando se le avisó por última vez, para no avisar dos veces de lo mismo.
stored-notices--heard = El minuto en que se le avisó por última vez, para que sea como mucho un mensaje por hora.

kept-pushes = Hasta que la persona lo acaba, se va o el navegador ya no lo quiere.
stored-pushes--endpoint = Una dirección de quien hace el navegador, con la que se le despierta. Allí no se envía más que que algo espera.
stored-pushes--member = De quién es la cuenta.
