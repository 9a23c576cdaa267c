# Notes of meetings, what was decided, and what a meeting was agreed by.
minutes-title = Notes: { $title }
minutes-title-of = Notes:
minutes-of-this = Notes and decisions of this meeting
minutes-people-few = Fewer than { $than } people
minutes-people-some = { $from } to { $to } people
minutes-people-many = { $from } people or more
minutes-decided = { $count } decisions
minutes-decided-one = 1 decision
minutes-decided-none = No decisions
minutes-next = Next meeting: { $when }
minutes-next-none = No next meeting is planned yet
minutes-next-none-yet = None is planned yet.
minutes-still-open = Still open from { $day }
minutes-decisions-of = Decisions of { $group }
minutes-decisions-lead = What { $group } decided in its meetings, with the day and the notes of each.
minutes-decisions-all = All decisions of { $group }
minutes-decisions-none = There are no notes with decisions of { $group } yet.
minutes-decision-link = Link to this decision
minutes-gone = These notes were deleted
minutes-gone-more = Whoever published them has taken them back.
group-minutes = Notes and decisions

# Headings of notes; and other names by which people call the same, with commas between them.
minutes-heading-agenda = Agenda
minutes-also-agenda = Topics, Agenda items, What we talked about
minutes-heading-reports = Report-backs
minutes-also-reports = Reportbacks, Report-back, Reports, Report backs from groups, Report-backs from groups
minutes-heading-decisions = Decisions
minutes-also-decisions = Decision, Decided, What we decided, Agreements, Agreed, Resolutions, Proposals passed
minutes-heading-open = Open items
minutes-also-open = Open item, Open, Still open, Open questions, To do, Action items, Not decided yet
minutes-heading-next = Next meeting
minutes-also-next = Next time, When we meet next

# The facts above a template.
minutes-fact-when = When: { $when }
minutes-fact-where = Where: { $where }
minutes-fact-present = How many were there, without names (under-5, 5-9, 10-19, 20-49, 50-99, 100-199, 200-499, 500-999 or 1000+):

# By what a meeting was agreed.
meeting-agreed = Agreed by the assembly on { $day }
meeting-agreed-elsewhere = Agreed by an assembly of another place

# The desk.
desk-minutes-write = Write notes
desk-minutes-rewrite = Change these notes
desk-minutes-none = There are no notes yet. They can be written from the beginning of a meeting on.
desk-minutes-unwritten = Meetings without notes
desk-minutes-all = All notes
desk-minutes-text = Notes
desk-minutes-hint = Each line below Decisions that begins with a dash is one decision, and can be linked. Each below Open items goes onto the agenda of your next meeting. Headings under which nothing stands are not shown.
desk-minutes-next = The notes name your next meeting by themselves, and go on doing so when it is moved.
desk-minutes-present = How many were there?
desk-minutes-present-hint = About how many. Never write down who was there: nobody needs the list, and others could want it.
desk-minutes-present-unsaid = Not said
desk-mark-minutes = Notes
desk-agreed = Agreed by
desk-agreed-hint = Only if an assembly agreed to this meeting: the link to its decision in the notes of the assembly, here or in another place. Otherwise leave it empty; then nothing is said.
desk-still-open = The agenda begins with what earlier meetings left open. Take away what has been dealt with.
desk-confirm-minutes = Publish these notes?
desk-confirm-minutes-do = Publish the notes
desk-minutes-roll = What stands under Open items goes onto the agenda of the next meeting: { $when }.
desk-minutes-roll-later = What stands under Open items is offered when you plan the next meeting.
desk-minutes-delete-title = Delete these notes?
desk-minutes-delete-agreed = Meetings that were agreed by one of these decisions are not called so any more, and what stayed open is taken off the next agenda.

# Why not.
refused-minutes-text = Write notes of 1 to 40,000 characters, with something below at least one heading.
refused-minutes-present = Choose about how many were there.
refused-minutes-early = This meeting is still to come: notes are written from its beginning on.
refused-minutes-cancelled = This meeting was called off, so there is nothing to write notes of.
refused-minutes-already = There are notes of this meeting already: change those.
refused-minutes-deleted = These notes were deleted.
refused-agreed-decision = This leads to no decision of an assembly. Open the notes of the assembly and copy the link of the decision itself.
refused-agreed-address = This is no link to a decision. It begins with https:// and leads to the notes of an assembly.
desk-minutes-change = Change the notes
desk-minutes-language = The headings are in the language in which the group publishes these notes: { $language }. You can choose another one below.
