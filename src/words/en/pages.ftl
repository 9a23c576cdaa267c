# What stands on every page.
site-skip = Skip to the content
site-languages = Language
site-promise = No account needed, no cookies for reading, nothing loaded from elsewhere.

# Days and hours on pages.
day-today = Today, { $date }
day-tomorrow = Tomorrow, { $date }
day-date = { $weekday } { $day } { $month }
day-hours = { $from }–{ $to } { $zone }
day-hours-late = { $from } – { $to } { $zone }
day-hour = { $day }, { $hour }
day-moment = { $day }, { $hour } { $zone }

# Home.
home-lead = Working groups in { $city }, what they do, and when they meet. Everyone is welcome to take part.
home-meetings = What's on
home-meetings-none = No meeting is planned at the moment.
home-meetings-none-next = Look at the groups below: they say how to reach them.
home-news = News
home-news-none = No group has announced anything yet.
home-groups = Groups
home-groups-none = No group has started here yet.
home-groups-none-next = Anyone can start the first one, from a phone.
home-follow = Follow the whole square
home-follow-how = One name for everything: urgent news at once, and each morning what is on.

# A group.
group-next = What's on
group-next-none-contact = Ask when they meet next: { $contact }
group-next-none-follow = Follow the group to hear when there is one.
group-news = News
group-news-none = { $group } has announced nothing yet.
group-follow = Follow this group
group-contact = Contact
group-tags = Topics
group-icon = Picture of { $group }
group-gone = This group has ended
group-gone-more = Its meetings and announcements are no longer shown here.

# A meeting.
meeting-kind-meeting = Meeting
meeting-kind-assembly = Assembly
meeting-kind-action = Action
meeting-kind-workday = Work day
meeting-kind-workshop = Workshop
meeting-kind-social = Social
meeting-when = When
meeting-zone = Time of { $zone }
meeting-where = Where
meeting-where-none = The group has not said where yet.
meeting-online = Online
meeting-map = Open in a map app
meeting-agenda = Agenda
meeting-agenda-none = No agenda yet.
meeting-cancelled = This meeting is cancelled.
meeting-cancelled-title = Cancelled: { $title }
meeting-cancelled-mark = Cancelled
meeting-moved = This meeting was moved. Before, it was to begin on { $before }.
meeting-moved-mark = Moved
meeting-over = This meeting is over.
meeting-changes = What changed
meeting-more = Everything about { $group }
meeting-gone = This meeting is no longer shown
meeting-gone-more = The group that met has ended.

# An announcement.
announcement-urgent = Urgent
announcement-untitled = News from { $group }
announcement-about-meeting = About this meeting
announcement-updated = Changed { $when }
announcement-gone = This announcement was deleted
announcement-gone-more = Whoever published it has taken it back.

# A topic.
tag-title = #{ $tag }
tag-lead = Groups, meetings and news about #{ $tag } in { $city }.
tag-none = Nothing here is about #{ $tag } at the moment.
tag-none-next = Look at everything that is on in { $city }.

# What went wrong.
error-home = To the front page of { $city }
error-way-group = The group's page
error-way-meeting = The meeting's page
error-way-desk = The group's desk
error-400 = We do not understand this
error-400-more = Something in the address or in what was sent is not as it should be.
error-403 = This is not allowed
error-403-more = A rule of this site says no.
error-404 = There is nothing here
error-404-more = The address may be mistyped, or what was here has been given another address.
error-405 = That cannot be done here
error-405-more = This address can be read, but not used in this way.
error-410 = This is gone
error-410-more = It was here, and was taken away for good.
error-413 = That is too much at once
error-413-more = What was sent is longer than this site takes.
error-415 = This kind of data is not taken here
error-415-more = Send it in another form.
error-421 = You came by a wrong address
error-421-more = This server answers only to its own name.
error-429 = Please wait a moment
error-429-more = Too much was asked at once. Try again in a few minutes.
error-500 = Something broke on our side
error-500-more = It is not your fault. Whoever looks after this site can see it in the log. Try again in a moment.
error-503 = The site is very busy
error-503-more = Try again in a moment; nothing is lost.

# What groups of other cities say.
elsewhere = From other cities
elsewhere-about = What groups of other places say that a group here wants to hear. Each leads to where it was said.
elsewhere-none = No group here hears one of another city yet.
elsewhere-regular = Regular meetings
elsewhere-clock = (by the clock of { $zone })
elsewhere-there = There: { $when }
elsewhere-said = What they said

group-moves = This group moves to another server on { $day }.
group-moved = This group has moved. Follow it there:
