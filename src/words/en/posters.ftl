# Spans of days.
span-one-month = { $from }–{ $to } { $month }
span-two-months = { $from } { $month_from } – { $to } { $month_to }
span-until = { $from }, until { $until }
span-still = still on, until { $until }

# Plain text, for chats and terminals.
text-today = What's on in { $city }: { $day }
text-week = What's on in { $city }: { $days }
text-times = Times: { $zone } ({ $letters })
text-today-none = No meeting is planned for the rest of today.
text-week-none = No meeting is planned for these seven days.
text-next = Next: { $day }
text-cancelled = CANCELLED ({ $hours })
text-new-time = { $hours } (new time)
text-place-online = Online: { $address }
text-all = Everything that is on: { $address }

# Paper.
poster-week = What's on
poster-group = Poster of { $group }
poster-date = { $day } { $month }
poster-welcome = Everyone is welcome.
poster-scan = Times, places and news, without an account:
poster-code = Code that leads to { $address }
poster-more = And { $count } more at { $address }
poster-group-next = We meet next
poster-group-none = When we meet next is on our page.
poster-follow = Follow us on Mastodon and elsewhere:
poster-hint = Print this page: it is one sheet.
poster-paper = Paper
poster-back = Back to { $city }

# The screen at an information desk.
wall = Screen for an info desk
wall-now = now
wall-day = { $weekday } { $day } { $month }
wall-later = Coming up
wall-more = And { $count } more today
wall-scan = Times, places, news:

# In a frame on another site.
embed-title = What's on: { $name }
embed-more = Everything at { $city }
