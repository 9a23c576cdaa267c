# Lo que la gente de otros servidores dice a lo que dijo un grupo.
replies-title = Respuestas
replies-likes = «Me gusta» en otros servidores: { $count }
replies-passed-on = Difundido en otros servidores: { $count }
replies-pictures = Imágenes o vídeos que la acompañan, para ver donde se publicó: { $count }
replies-undescribed = Una imagen sin descripción
replies-answered = A qué contesta
replies-pages = Más respuestas
replies-earlier = Respuestas anteriores
replies-later = Respuestas posteriores
replies-how = Cómo responder
replies-how-more = Con una cuenta de Mastodon o de otro servidor del Fediverso, busca allí esta dirección y responde en público. Una primera respuesta se muestra aquí en cuanto el grupo la deja pasar.

# Lo que se contesta a quien escribe solo a un grupo.
letter-not-secret = Esto no es privado: pueden leerlo todas las personas que hablan por { $group } y también quienes llevan los dos servidores. Aquí se borra a los siete días. Esta respuesta es automática.
letter-not-secret-contact = Esto no es privado: pueden leerlo todas las personas que hablan por { $group } y también quienes llevan los dos servidores. Aquí se borra a los siete días. Para recibir ayuda, contacta en: { $contact }. Esta respuesta es automática.
reply-refused-hidden = Esta respuesta está oculta: déjala pasar antes de responder.
reply-refused-gone = Ya no se sabe nada de { $handle }: mira la respuesta en su propio servidor.
reply-refused-blocked = Aquí hay un bloqueo para { $handle }.
reply-refused-mention = Esto no responde a nada del grupo y no está en ninguna página: responde, o quítalo de aquí.

reply-refused-not-let = { $handle } deja que solo otras personas respondan a esto, o quiere que se le pregunte antes. Responde mejor desde una cuenta tuya.
