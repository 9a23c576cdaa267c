# Names of calendars and feeds.
calendar-city = Meetings in { $city }
calendar-group = Meetings of { $group }
calendar-online = Online
calendar-in-a-room = In a room
feed-meetings-city = Meetings in { $city }: what is new and what changed
feed-meetings-group = Meetings of { $group }: what is new and what changed
feed-news-city = News from { $city }
feed-news-group = News from { $group }

# Beside a meeting in a calendar: what it is, and whose.
meeting-of = { $kind } of { $group }
