# Varios días seguidos.
span-one-month = { $from }–{ $to } de { $month }
span-two-months = { $from } de { $month_from } – { $to } de { $month_to }
span-until = { $from }, hasta el { $until }
span-still = ya empezó, hasta el { $until }

# Solo texto, para chats y terminales.
text-today = Agenda de { $city }: { $day }
text-week = Agenda de { $city }: { $days }
text-times = Horas: { $zone } ({ $letters })
text-today-none = No hay ninguna reunión prevista para lo que queda de hoy.
text-week-none = No hay ninguna reunión prevista para estos siete días.
text-next = Próxima: { $day }
text-cancelled = CANCELADA ({ $hours })
text-new-time = { $hours } (nueva hora)
text-place-online = En línea: { $address }
text-all = Toda la agenda: { $address }

# Papel.
poster-week = Agenda
poster-group = Cartel de { $group }
poster-date = { $day } { $month }
poster-welcome = Cualquiera puede venir.
poster-scan = Horas, lugares y noticias, sin cuenta:
poster-code = Código que lleva a { $address }
poster-more = Y { $count } más en { $address }
poster-group-next = Próximas reuniones
poster-group-none = La próxima reunión estará en nuestra página.
poster-follow = Síguenos desde Mastodon y otros sitios:
poster-hint = Imprime esta página: es una sola hoja.
poster-paper = Papel
poster-back = Volver a { $city }

# La pantalla de un punto de información.
wall = Pantalla para un punto de información
wall-now = ahora
wall-day = { $weekday } { $day } { $month }
wall-later = Próximamente
wall-more = Y { $count } más hoy
wall-scan = Horas, lugares, noticias:

# En un marco de otro sitio.
embed-title = Agenda: { $name }
embed-more = Todo en { $city }
