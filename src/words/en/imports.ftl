# Calendars taken in: why a file is not read.
refused-import-large = This calendar is larger than 2 MiB: export a shorter span of time.
refused-import-packed = This file is packed (zip or gzip): unpack it first, and give the .ics file in it.
refused-import-page = This is a page for people and no calendar. Look for the address that ends in .ics, and make the calendar public there.
refused-import-no-calendar = This is no calendar: a file of the kind .ics begins with BEGIN:VCALENDAR.
refused-import-cut-off = This calendar stops in the middle: it was not transferred as a whole. Get it again.
refused-import-lines = This calendar has more than 100,000 lines: export a shorter span of time.
refused-import-long-line = Line { $line } of this calendar is longer than anything that belongs into one.
refused-import-deep = Line { $line } of this calendar opens one thing in the other too often.
refused-import-events = This calendar has more than 5,000 events: export a shorter span of time.
refused-import-exceptions = At line { $line } of this calendar there are more exceptions than a series can have.
refused-import-long-rule = Line { $line } of this calendar holds a rule that is longer than any that people make.

# What is left out, line by line.
import-odd-line = This line makes no sense in a calendar.
import-task = A task is no meeting.
import-diary = An entry of a diary is no meeting.
import-busy = When somebody is busy is nobody else’s business.
import-unknown = “{ $name }” is nothing that can be taken in.
import-private = It is marked as private there, so it stays there.
import-no-title = A meeting needs a title of at least 3 characters.
import-no-start = It does not say when it begins.
import-no-time = Its time cannot be read.
import-whole-day = It says a day and no time of day. Give the hours below, or schedule it here.
import-zone = Nobody knows the time zone “{ $zone }”.
import-too-long = It lasts longer than 31 days.
import-exrule = It leaves days out by a rule, which is not understood here.
import-two-rules = It comes back by two rules at once. Make two series of it.
import-recurrence = Which meeting of the series is another one cannot be told.

# What is taken in with less than it said.
import-cut-title = Its title is longer than 200 characters and was cut.
import-cut-place = Its place is longer than 300 characters and was cut.
import-cut-agenda = Not everything that it says could be taken in.
import-no-end = It does not say when it ends: two hours are assumed.
import-dates = Some dates of { $name } cannot be read.
