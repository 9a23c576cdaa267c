# How often a series meets, in words.
series-day = every day
series-days = every { $count } days
series-week = every { $days }
series-weeks = every { $count } weeks on { $days }
series-workdays = every day from Monday to Friday
series-month-days = on { $days } of each month
series-month-weekdays = { $days } of each month
series-months = every { $count } months on { $days }
series-year = every year on { $date }
series-years = every { $count } years on { $date }
series-year-leap = every year on { $date }, when there is one
series-years-leap = every { $count } years on { $date }, when there is one
series-year-month = every year on { $days } of { $month }
series-years-month = every { $count } years on { $days } of { $month }
series-at = { $often }, { $time }
series-until = { $often }, until { $date }
series-times = { $often }, { $count } times
series-once = { $often }, once

# Its parts.
series-and = { $list } and { $last }
series-comma = { $list }, { $last }
series-weekday = { $weekday }
series-weekday-of-weeks = { $weekday }
series-nth-weekday = the { $nth } { $weekday }
series-nth-weekday-from-end = the { $nth } to last { $weekday }
series-each-weekday = each { $weekday }
series-of-days = the { $days }
series-last-day = last day
series-day-from-end = { $day } to last day
series-nth-1 = first
series-nth-2 = second
series-nth-3 = third
series-nth-4 = fourth
series-nth-5 = fifth
series-nth-last = last
series-nth-last-2 = second to last
series-nth-last-3 = third to last
series-count-2 = two
series-count-3 = three
series-count-4 = four
series-count-5 = five
series-count-6 = six
series-count-7 = seven
series-count-8 = eight
series-count-9 = nine
series-count-10 = ten
series-count-11 = eleven
series-count-12 = twelve
series-day-1 = 1st
series-day-2 = 2nd
series-day-3 = 3rd
series-day-4 = 4th
series-day-5 = 5th
series-day-6 = 6th
series-day-7 = 7th
series-day-8 = 8th
series-day-9 = 9th
series-day-10 = 10th
series-day-11 = 11th
series-day-12 = 12th
series-day-13 = 13th
series-day-14 = 14th
series-day-15 = 15th
series-day-16 = 16th
series-day-17 = 17th
series-day-18 = 18th
series-day-19 = 19th
series-day-20 = 20th
series-day-21 = 21st
series-day-22 = 22nd
series-day-23 = 23rd
series-day-24 = 24th
series-day-25 = 25th
series-day-26 = 26th
series-day-27 = 27th
series-day-28 = 28th
series-day-29 = 29th
series-day-30 = 30th
series-day-31 = 31st

# Why a series is not taken.
refused-series-text = This is no rule such as FREQ=WEEKLY;BYDAY=TU: { $text }
refused-series-part = { $part } cannot be kept here: meetings come again by day, by week, on days or weekdays of the month, or once a year.
refused-series-value = { $part } makes no sense in a rule: { $value }
refused-series-both = A series ends on a day or after a number of meetings, not both.
refused-series-interval = Say a number from 1 to { $most }.
refused-series-days = Say on which days.
refused-series-count = A number of meetings is from 1 to { $most }.
refused-series-first = The first meeting is on { $day }, which is none of the days chosen for the series.
refused-series-ended = The series would end on { $day }, before it begins.
refused-series-nothing-ahead = By this rule the group would not meet any more. Choose a later end, or end the series.
refused-series-not-then = By this rule the group does not meet on { $day }.
refused-series-recurs-already = This meeting belongs to a series already.
refused-series-too-many-days = A series leaves out at most { $most } days.

# A series on its pages.
series-mark = Recurring
series-part = One of a series:
series-title = Meetings of { $group }
series-next = Next
series-next-none = Nothing is planned any more.
series-past = What was
series-out = No meeting on { $day }
series-moved = By its rhythm: { $before }
series-ended = This series has ended.
series-follow-lead = Whoever follows the group hears of each meeting some days ahead.
series-calendar = All of them, as a calendar file
series-subscribe = Subscribe in your calendar
series-of-group = How often we meet
series-all = All dates

# How often, in forms.
series-often = How often?
series-often-once = Once
series-often-day = Every day
series-often-week = Every week
series-often-week-2 = Every two weeks
series-often-week-3 = Every three weeks
series-often-week-4 = Every four weeks
series-often-date = Each month on the same date
series-often-weekday = Each month on the same weekday, such as the second Tuesday
series-often-last = Each month on the last such weekday, such as the last Friday
series-often-year = Each year on the same date
series-often-kept = As before
series-more = If it recurs: weekdays, until when, except when
series-on = On which weekdays?
series-on-hint = For meetings every week or every few weeks.
series-ends = Until when?
series-ends-open = No end planned
series-ends-day = Until a day
series-ends-times = A number of times
series-ends-day-field = The last day
series-ends-times-field = How many times
series-ends-times-hint = The first one counts, too.
series-except = Days on which there is none
series-except-hint = Such as 2026-12-24 2026-12-31
series-scope = What is changed?
series-scope-one = Only this meeting
series-scope-following = This one and all that follow
series-scope-all = All to come
series-next-dates = The next dates:
series-skipped = The clock is set forward over { $time }; that meeting is then: { $moment }.
series-twice = The clock shows { $time } twice; that meeting is the first time: { $moment }.

# On the desk.
desk-series = What recurs
desk-series-dates = Leave out dates
desk-series-dates-lead = On which of the next dates is there no meeting?
desk-series-dates-do = Keep
desk-series-end = End the series
desk-series-end-lead = Which meeting is the last one? What was stays; those after it that others have heard of are called off.
desk-series-end-now = None of the next: it ends now
desk-series-end-sure = Yes, the series ends then
desk-series-end-do = End the series
desk-cancel-one = It is one of a series. Only this one is called off.

# Starting a group.
start-often = Do you meet each week then?
start-often-week = Yes, each week
start-often-once = No, only that day

# Why not.
refused-rhythm-often = Say how often.
refused-rhythm-ends-day = Say until which day.
refused-rhythm-ends-times = Say how many times, as a number.
refused-rhythm-except = This is no day: { $value }. Write days as 2026-12-24.
