# Places that are kept.
places-title = Places
places-lead = Where groups of this place meet, kept once and offered again. Every group here can use them and put them right.
places-waiting = Until your group is welcomed, only you see the places that you add, and you can change only those.
places-none = No place is kept yet. Add one, or tick “Remember this place” when you schedule a meeting.
places-new = Add a place
places-correct = Correct this place
places-correct-more = Meetings ahead that took it over change with it, also those of other groups. Where people are sent elsewhere, they are told.
places-name = What is the place called?
places-do = Keep it
places-remove = Remove this place?
places-remove-way = Remove this place
places-remove-more = It is not offered any more. Meetings that are planned there stay as they are.
places-remove-sure = Yes, remove it
places-remove-do = Remove it
place-access-line = More about it
place-access-line-hint = One line, such as where the ramp is or which bell to ring.

# What makes it easier to come.
meeting-access = Access
access-step-free = no steps on the way in
access-childcare = childcare
access-interpretation = interpretation
access-masks = everybody wears a mask
wire-access = Access: { $facts }

# A meeting that shows only the district at first.
veil-lifts = The address is shown { $hours } hours before it begins.
veil-lifts-one = The address is shown an hour before it begins.
wire-shown = This is where { $title } takes place: { $now }.

# The desk.
desk-place-known = Or choose a place that is kept
desk-place-known-hint = Its address and what is known about access are filled in when you look at it again.
desk-place-known-none = None
desk-remember = Remember this place: every group here can use it again
desk-veil = Hide the address until shortly before
desk-veil-hint = Until then everybody sees only the district, here, in calendars and on other servers. Then the address is published, and a note with it. Do not write it into the title or the agenda, or it is no secret.
desk-district = District
desk-district-hint = What everybody sees until then, such as Jamaica Plain. If it is empty, nothing is hidden.
desk-lift = Hours before the beginning
desk-lift-hint = At which the address is shown; if you leave it out, 3.
desk-veiled = Until { $hours } hours before it begins, everybody sees only: { $district }
desk-veiled-one = Until an hour before it begins, everybody sees only: { $district }
desk-habits = Meetings of the group
desk-positions = On a map
desk-positions-hint = How exactly the position of your meetings is published. It holds for what you publish from now on: others have what was published before.
desk-positions-exact = Exactly
desk-positions-100m = To about 100 metres
desk-positions-1km = To about a kilometre
desk-positions-none = Not at all
desk-remind = Remind followers so many hours before
desk-remind-hint = The post of the meeting is passed on to them once more. 0 for never; at most 48.
desk-horizon = Tell followers of meetings that recur so many days ahead
desk-horizon-hint = Each one is said to others when it comes so near, so that nobody gets fifty posts at once. 0 to 60; usually 8.

# Why not.
refused-place-name = Give the place a name of 2 to 200 characters on one line.
refused-place-known = { $name } is kept already. Correct it in the list of places.
refused-place-many = { $most } places are kept already. Remove some that nobody uses.
refused-place-waiting = Until your group is welcomed, it keeps at most { $most } places.
refused-place-theirs = Until your group is welcomed, it changes only its own places.
refused-place-hidden = A place that you hide is not kept for other groups. Untick one or the other.
refused-access = This cannot be said about access: { $fact }
refused-access-line = More about access is said in at most { $most } characters on one line.
refused-veil-district = A district is named in 1 to 100 characters on one line.
refused-meeting-capacity = Room is for 1 to { $most } people. Leave it empty if there is room for everybody.
refused-veil-hours = The address is shown from 1 to { $most } hours before.
refused-veil-nothing = Write the place or the address that is to be shown later.
refused-veil-published = This address was published already: others have it, and hiding it now would not help.
refused-remind = Remind from 1 to { $most } hours before, or 0 for never.
refused-positions = Choose how exactly your meetings are shown on a map.
