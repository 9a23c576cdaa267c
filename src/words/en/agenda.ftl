# The parts of the site, on every page.
site-parts = Parts of this site
site-about = About
site-safety = Your safety here
site-news-feed = News feed
site-calendar = Calendar

# Days, as headings.
day-called-today = Today
day-called-tomorrow = Tomorrow
day-of-month = { $day } { $month }
day-of-year = { $day } { $month } { $year }
day-away = In { $days } days

# The agenda.
agenda-lead = What is on in { $city }: meetings, assemblies, actions and workshops. Everyone is welcome.
agenda-zone = Times are those of { $place } ({ $letters }).
agenda-find = Look for something
agenda-group = Group
agenda-any = Any
agenda-tag = Topic
agenda-place = Place
agenda-online = How to take part
agenda-online-no = In a room or outside
agenda-online-yes = Online
agenda-show = Show
agenda-months = Months
agenda-month = { $month } { $year }
agenda-month-before = Month before
agenda-month-after = Month after
agenda-day = { $date }. Meetings: { $count }
agenda-none = Nothing that is planned fits this.
agenda-everything = Everything that is on
agenda-pages = Pages of this list
agenda-earlier = Earlier
agenda-later = Later
agenda-calendar = Once, as a calendar file
agenda-subscribe = Into your calendar, with every change
agenda-feed = As a feed, for feed readers (Atom)
agenda-poster = A poster of this week, to print

# Home.
home-today-none = Nothing is planned for today. Next:
home-news-all = All news

# Groups.
groups-lead = Working groups in { $city }, and when they meet next. Go to any of them: nobody has to ask first.
groups-none = No group is about this.
groups-everything = All groups
groups-next-none = No meeting planned at the moment
groups-before = Groups before these
groups-after = More groups
group-poster = A poster of this group, to print

# News.
news-lead = News from the working groups in { $city }.
news-newer = Newer
news-older = Older

# Following.
follow-copy = Copy this name.
follow-paste = Paste it where your app searches: Mastodon, Friendica, Mobilizon or any other of the Fediverse.
follow-press = Press Follow.

# A meeting.
meeting-kind = Kind
meeting-here = In { $city } it is then { $moment }.
meeting-calendar = Add to calendar
meeting-subscribe = Add it, and hear of changes

# As text.
text-title = Pass it on
text-how = Tap the text to select all of it, copy it, and paste it into any chat.
text-alone = Only the text
text-copy = Copy
text-copied = Copied.
text-moved = Moved; before: { $before }
text-online = Online: { $link }
text-who = { $group }, { $city }
text-zone = { $letters } ({ $place })
text-urgent = URGENT: { $title }
