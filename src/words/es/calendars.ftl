# Nombres de los calendarios y canales.
calendar-city = Reuniones en { $city }
calendar-group = Reuniones de { $group }
calendar-online = En línea
calendar-in-a-room = Presencial
feed-meetings-city = Reuniones en { $city }: novedades y cambios
feed-meetings-group = Reuniones de { $group }: novedades y cambios
feed-news-city = Noticias de { $city }
feed-news-group = Noticias de { $group }

# Beside a meeting in a calendar: what it is, and whose.
meeting-of = { $kind } de { $group }
