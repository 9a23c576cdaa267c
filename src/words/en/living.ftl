# Whether a group still meets, in a list.
living-met = Met on { $day }; the next time is not on the agenda yet
living-quiet = Quiet at the moment; last met on { $day }
living-new = New here; its first meeting is not on the agenda yet
living-silent = No meeting planned at the moment
living-asleep = Asleep; last met in { $month }
living-asleep-silent = Asleep; last heard of in { $month }
living-unsure = On the agenda, but nobody has said lately that it still meets
living-ended = Ended on { $day }

# Above each part of the list of groups.
living-heading-meets = They meet
living-heading-quiet = Quiet at the moment
living-heading-asleep = Asleep
living-heading-ended = Ended
living-lead-quiet = Nothing is on the agenda here, but they were heard of lately. Ask them, or follow them to hear when there is a meeting.
living-lead-asleep = Nothing was heard of these groups for two months. One meeting wakes a group up, and somebody may pick it up again: look at its page.
living-lead-ended = These groups came to an end of their own accord. Thanks to everyone who was part of them. Anyone may start something like them again.

# On a group's page.
living-said-met = { $group } met on { $day }. Its next meeting is not on the agenda yet.
living-said-quiet = It is quiet around the group at the moment. { $group } last met on { $day }.
living-said-new = { $group } is new here. Its first meeting is not on the agenda yet.
living-said-silent = { $group } speaks up, but has no meeting planned.
living-said-asleep = { $group } seems to be asleep: it has not met since { $month }.
living-said-asleep-silent = { $group } seems to be asleep: nothing was heard of it since { $month }.
living-said-unsure = { $group } has meetings on the agenda, but nobody has said of the last ones that they took place.
living-said-ended = { $group } ended on { $day }.
living-do-you-know = Do you know whether it still meets?
living-tell = Tell the group
living-bring-back = Want to bring it back?
living-one-meeting = Whoever speaks for it wakes it up by putting one meeting on the agenda.

# Where a group is started.
living-alike = These groups may already do this
living-alike-lead = Look at them first: perhaps you can join in. They open in a tab of their own, and what you typed stays here. If yours is something else, go on.

# Where a meeting is scheduled.
clash-title = At the same time
clash-lead = Some people may want to be at both. You can look for another time, or leave it as it is.
clash-line = { $group }: { $title }, { $when }
clash-topics = about { $topics } as well
clash-ours = this group's own

# A series of which nobody said that its meetings took place.
meeting-unconfirmed = Nobody has said of its last three meetings that they took place. Ask the group before you go.
meeting-unconfirmed-title = Unconfirmed: { $title }
meeting-unconfirmed-mark = Unconfirmed
text-unconfirmed = UNCONFIRMED, ask first ({ $hours })
desk-waits-met = Did they take place? Of { $count } meetings nobody has said so yet.
desk-waits-met-one = Did it take place? Of { $count } meeting nobody has said so yet.
met-title = Did it take place?
met-lead = Say so in one tap, so that people know that you still meet. Where it did not, nobody else sees that.
met-yes = We met
met-no = It did not take place
met-refused-not-over = This meeting is not over yet.
