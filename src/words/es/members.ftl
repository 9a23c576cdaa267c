# Cuentas y lo que hacen.
site-mine = Para ti
site-ours = Nuestros grupos
site-me = Mi cuenta
site-care = Cuidar este sitio
site-sign-out = Salir
form-problems = Falta algo o hay algo mal:
members-refused-name = Un nombre tiene de 1 a 60 caracteres en una línea.
members-refused-signed-out = Tu sesión se ha cerrado. Entra otra vez y sigue.
members-refused-not-organizer = No hablas por este grupo.
members-refused-paused = Tus poderes en este grupo descansan, porque alguien dijo que te quitaron el teléfono. Otra persona del grupo puede devolvértelos.
members-refused-not-caretaker = Eso solo lo puede hacer quien cuida el sitio.
ours-title = Nuestros grupos
ours-none = Todavía no hablas por ningún grupo.
form-refused-elsewhere = Este formulario se envió desde otro sitio.
form-refused-old = Este formulario no es nuestro, o es de antes de que entraras. Abre la página otra vez.
