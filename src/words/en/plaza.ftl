# The plaza and what it posts each morning.
plaza-name = Everything at { $city }
plaza-mission-all = The square of { $city }: one follow for everything. All news and meetings of the working groups are passed on at once, and each morning one post says what is on that day.
plaza-mission-urgent = The square of { $city }: one follow for everything. Urgent news of the working groups is passed on at once, and each morning one post says what is on that day and what was new the day before.
plaza-mission-digest = The square of { $city }: one follow for everything. Each morning one post says what is on that day in the working groups and what was new the day before.
plaza-follow = Follow everything
plaza-urgent = What cannot wait
plaza-next-none = Nothing is planned yet.
plaza-digests = Each morning
plaza-digests-none = Nothing has been posted yet: there is a post in the morning of every day that has something to say.
plaza-digest-title = { $city }, { $date }
plaza-digest-meetings = On today
plaza-digest-news = News
plaza-digest-more = and { $count } more
plaza-digest-online = online
plaza-digest-urgent = URGENT: { $title }
