# What is stored. Each table has a line kept-TABLE (how long), each column a line stored-TABLE--COLUMN (what for), with - for _.
# The program is not built while one is missing here or in another language.

safety-title = What this site stores
safety-lead = Everything that { $city } keeps, what for and how long. This list is made from the tables of the running program: it cannot leave anything out.
safety-how = What is written here about groups is public anyway. About you as a reader nothing is kept. About accounts that follow a group, as little as it takes to reach them.
safety-never = What is not stored
safety-never-visits = Who reads this site: no network (IP) addresses, no browsers, no counts of visits. Readers get no cookies; whoever signs in gets one, which says nothing but who they are here.
safety-never-coming = Who comes to a meeting. Whoever says so here is given a link that only they have; we keep a fingerprint of it, and erase that an hour after the meeting. When somebody says so from another server, we do not count it or list it; the automatic answer to their server, which names them, is deleted after a week.
safety-never-accounts = E-mail addresses, telephone numbers and real names of people with an account here: a made-up name is enough.
safety-never-writing = Which account on another server reported something, and who here let a reply through or turned somebody away.
safety-never-location = Where pictures were taken: everything hidden in a picture file is removed before it is kept.
safety-fields = Every field of “{ $topic }” and what it is for
safety-topic-published = What groups publish
safety-topic-published-more = Groups, their meetings and their news. All of it is public: it is there to be read, followed and passed on. Nobody is named unless a group writes a name.
safety-topic-coming = What people tell groups
safety-topic-coming-more = Whether they are coming, and what they suggest. Without an account and without a name; not even the hour is written down.
safety-topic-accounts = Accounts
safety-topic-accounts-more = Whoever wants to speak for a group has an account: a name of their choice and a password, no e-mail address. Who speaks for which group is not shown unless they wish; it has to be written down so that nobody else can.
safety-topic-followers = Who follows
safety-topic-followers-more = Accounts on other servers that follow a group, with what is needed to deliver to them and to check that a message is really theirs. The lists are not public, but the caretakers and whoever takes the server can read them.
safety-topic-elsewhere = What we hear from other cities
safety-topic-elsewhere-more = Groups elsewhere that ours follow, and what they said in public.
safety-topic-answers = What others say to groups
safety-topic-answers-more = Public replies, likes and messages from accounts on other servers to groups of this place, and what somebody asked the caretakers to look at.
safety-topic-sent = What we send
safety-topic-sent-more = Messages to other servers, kept until they have arrived, and how the servers that we write to are doing.
safety-topic-received = What comes in
safety-topic-received-more = Short-lived notes that keep strangers from pretending to be somebody else or from repeating old messages.
safety-topic-place = The place itself
safety-topic-place-more = Its settings, the keys with which its groups sign, and which servers it does not talk to.
safety-topic-rest = Other things
safety-topic-rest-more = What has been added lately.
safety-logs = In the log
safety-logs-more = The program writes down its own faults and the names of servers that it cannot reach, not who asked for which page. Where the log goes and how long it stays is up to the machine. A web server in front of Plaza may write down addresses of visitors by itself: caretakers should switch that off, and you may ask them whether they did.
safety-backups = In backups
safety-backups-more = A backup holds everything listed here, encrypted, as it stood that day. What is deleted today is still in yesterday's backup until the caretakers delete that too.
safety-elsewhere = On other servers
safety-elsewhere-more = To federate is to publish: what a group says is copied to every server from which it is followed, and anyone may save a page. When a group changes or deletes something, we ask all those servers to do the same. Most do; nobody can force them.
safety-handed-over = What could be taken from us
safety-handed-over-more = Whoever takes this server, by law or by force, gets what is public already, which account may speak for which group, the accounts on other servers that follow the groups of this place, what people suggested to groups in the last 30 days, what waits to be delivered, replies to groups and which accounts liked what, messages to groups of the last seven days, and the last day of what could not be checked. They do not get who reads here or who comes to meetings, because that is not here. To be hard to find in the list of followers, read this site without following, or take the calendar, paper or text.

kept-settings = As long as the place exists.
stored-settings--name = What the setting is called.
stored-settings--value = What it says: the address, name, languages and time zone of the place, its principles, how to reach its caretakers.

kept-actors = As long as the place exists, also after a group has ended: nobody else may take its name and speak in its place.
stored-actors--path = Where the group, or the place itself, is found by other servers.
stored-actors--kind = Whether it is a group or the place itself.
stored-actors--handle = The name before the @.
stored-actors--rsa-private = The secret key that shows other servers that words are really the group's; locked with a secret that is not in the database.
stored-actors--rsa-public = Its other half, which everyone may see.
stored-actors--ed25519-private = A second secret key, locked in the same way, for a newer kind of signature.
stored-actors--ed25519-public = Its other half, which everyone may see.
stored-actors--created = When it was made.
stored-actors--closed = When the group ended.
stored-actors--welcomed = Since when everyone may hear of it. Empty for a group that waits to be welcomed.

kept-groups = As long as the place exists. When a group ends, its page is gone at once, but what it said about itself stays in the database.
stored-groups--handle = The name before the @, by which people find and follow the group.
stored-groups--name = What the group is called.
stored-groups--mission = What it is there for.
stored-groups--contact = How to reach it, in the group's own words; public.
stored-groups--tags = Topics under which it is found.
stored-groups--language = The language of these words, for screen readers and translation.
stored-groups--icon = The name of its picture's file.
stored-groups--header = The name of its wide picture's file.
stored-groups--created = When the group was started.
stored-groups--updated = When it last changed what it says about itself.
stored-groups--frozen = Until when nobody can be added to those who speak for the group, or removed.
stored-groups--ending = When the group will end, if those who speak for it have said so.
stored-groups--positions = How exactly the group wants places to be shown on a map.
stored-groups--remind = How many hours before a meeting the group reminds whoever follows it.

kept-meetings = As long as the place exists: they are its history. What a group changes is overwritten, and earlier words are not kept here.
stored-meetings--id = A number by which the meeting is found.
stored-meetings--group-handle = Which group meets.
stored-meetings--title = What it is called.
stored-meetings--kind = Meeting, assembly, action, work day, workshop or social.
stored-meetings--starts = When it begins.
stored-meetings--ends = When it ends.
stored-meetings--zone = The time zone in which its time was said.
stored-meetings--place = Where it is.
stored-meetings--address = How to get there.
stored-meetings--latitude = The place on a map, if the group gave it.
stored-meetings--longitude = The place on a map, if the group gave it.
stored-meetings--online-url = Where people take part from afar; public.
stored-meetings--agenda = What it will be about.
stored-meetings--language = The language of these words.
stored-meetings--mentions = Accounts on other servers that the group named in the agenda with an @.
stored-meetings--tags = Topics in the agenda, by which it is found.
stored-meetings--pictures = Its pictures with their descriptions; the files hold nothing that a camera wrote into them.
stored-meetings--series = To which series of meetings it belongs; not used yet.
stored-meetings--sequence = How often it was moved or changed, so that calendars take the newest.
stored-meetings--previous-start = When it was to begin before it was moved, so that people see the change.
stored-meetings--cancelled = When it was cancelled.
stored-meetings--published = When it was announced.
stored-meetings--updated = When it was last changed.
stored-meetings--place-id = Which of the kept places it took over.
stored-meetings--access = What makes it easier to come, such as no steps or childcare.
stored-meetings--access-line = A line about that in the group's own words.
stored-meetings--veil = How many hours before its beginning it shows more than the district, where a group wants that.

kept-places = Until somebody who speaks for a group removes them. Everyone who speaks for a group here can see and use them.
stored-places--id = A number by which the place is found.
stored-places--group-handle = Which group keeps it.
stored-places--name = What people call it.
stored-places--folded = The same without accents and large letters, to find it however it is written.
stored-places--address = How to get there.
stored-places--latitude = The place on a map, as exactly as the group that keeps it wants.
stored-places--longitude = The place on a map, as exactly as the group that keeps it wants.
stored-places--access = What makes it easier to come, such as no steps or childcare.
stored-places--access-line = A line about that in the group's own words.
stored-places--updated = The day on which it was last corrected.

kept-veiled = Until the address is shown; if the meeting is cancelled it is deleted at once, and at the latest an hour after the meeting.
stored-veiled--meeting = Which meeting shows only a district for now.
stored-veiled--lifts = When the rest is shown.
stored-veiled--place = Where it really is.
stored-veiled--address = How to get there.
stored-veiled--latitude = The place on a map, if the group gave it.
stored-veiled--longitude = The place on a map, if the group gave it.
stored-veiled--online-url = Where people take part from afar.
stored-veiled--place-id = Which of the kept places it took over.
stored-veiled--access-line = A line about how to get in.

kept-reminders = Until a day after the meeting.
stored-reminders--meeting = Which meeting the group reminded people of, so that it does so only once.
stored-reminders--activity = What was sent, so that it can be taken back.
stored-reminders--at = When.

kept-announcements = Until the group deletes it: then title, text and names are wiped at once, and only the number, group, language, topics and times stay.
stored-announcements--id = A number by which it is found; after a deletion it says that something was here.
stored-announcements--group-handle = Which group said it.
stored-announcements--meeting = The meeting it is about, if it tells of a change.
stored-announcements--title = Its heading.
stored-announcements--text = What was said.
stored-announcements--language = The language of these words.
stored-announcements--urgent = Whether the group called it urgent.
stored-announcements--mentions = Accounts on other servers that the group named with an @.
stored-announcements--tags = Topics by which it is found.
stored-announcements--pictures = Its pictures with their descriptions; the files hold nothing that a camera wrote into them, and go when no post shows them.
stored-announcements--published = When it was said.
stored-announcements--updated = When it was last changed.
stored-announcements--deleted = When it was taken back.
stored-announcements--answers = Which reply from another server it answers.

kept-activities = What was said in public: as long as the place exists, and wiped within about an hour after it was taken back and everyone was told. Answers to single people: a week.
stored-activities--sequence = The order in which things were said.
stored-activities--id = The number of the message.
stored-activities--actor = Which group said it.
stored-activities--kind = Whether something is new, changed, deleted, or an answer.
stored-activities--object = What it is about. An answer to a person names that person's account.
stored-activities--body = The message as other servers receive it, to be delivered again if need be. An answer to a person repeats what was asked.
stored-activities--public = Whether it was said to everyone or answers one person.
stored-activities--published = When it was said.
stored-activities--retracted = When it was taken back.

kept-deliveries = Until it was delivered. After seven days of failures it is given up; what a server refused for good is remembered for 30 days.
stored-deliveries--id = A number.
stored-deliveries--host = The server it goes to.
stored-deliveries--inbox = The letter box there: most often one for the whole server, sometimes that of one account.
stored-deliveries--activity = Which message.
stored-deliveries--not-before = When to try next.
stored-deliveries--tries = How often it failed.
stored-deliveries--first-try = When it failed first.
stored-deliveries--status = What the server answered, as a number.
stored-deliveries--last-error = Why it failed, for the caretakers.
stored-deliveries--set-aside = Why it is not tried again.

kept-hosts = As long as something waits for the server, somebody there follows a group, or it failed within the last 30 days.
stored-hosts--host = The name of the server.
stored-hosts--next-try = When to speak to it next.
stored-hosts--lease-until = Until when one of our programs is busy with it, so that nothing goes out twice.
stored-hosts--fails = How often in a row it did not answer.
stored-hosts--failing-since = Since when.
stored-hosts--last-error = Why, for the caretakers.
stored-hosts--dead = Whether we gave up until it speaks to us again.
stored-hosts--scheme = Which kind of signature it understands.

kept-remote-actors = As long as the account follows a group or is heard by one, or something it replied or liked is kept here, else 90 days. When its server says that it was deleted: at once.
stored-remote-actors--uri = The address of the account on its server.
stored-remote-actors--host = Which server that is.
stored-remote-actors--kind = Whether it calls itself a person, a group or a program.
stored-remote-actors--handle = Its name, so that a group can see who follows it.
stored-remote-actors--inbox = Where to deliver to it.
stored-remote-actors--shared-inbox = The common letter box of its server, so that one delivery is enough for all.
stored-remote-actors--public-keys = Keys with which we check that a message is really from there.
stored-remote-actors--assertion-keys = The same for a newer kind of signature.
stored-remote-actors--fetched = When we last asked its server about it.
stored-remote-actors--key-checked = When we last asked because a signature did not hold, so that nobody makes us ask all the time.

kept-follows = Until the account stops following, blocks the group, disappears, or is blocked here.
stored-follows--group-handle = Which group is followed.
stored-follows--follower = The address of the account that follows. The list is not public; only how many there are.
stored-follows--follow-id = The number of the request, so that it can be answered and taken back.
stored-follows--host = Its server.
stored-follows--inbox = Where to deliver to it.
stored-follows--shared-inbox = The common letter box of its server.

kept-former-inboxes = 90 days.
stored-former-inboxes--group-handle = Which group was followed.
stored-former-inboxes--inbox = A letter box that no longer follows but may hold posts: it is told when one of them is changed or deleted. No account is named where the server has a common one.
stored-former-inboxes--host = Its server.
stored-former-inboxes--left-at = Since when it no longer follows: it hears nothing that was said later.
stored-former-inboxes--until = When this row is deleted.

kept-blocks = Until the caretakers lift it.
stored-blocks--target = The server or account that is neither heard nor reached.
stored-blocks--created = Since when.

kept-arrivals = At most a day; most often seconds.
stored-arrivals--id = A number.
stored-arrivals--host = The server it came from.
stored-arrivals--request = Its headers with the signature, to be checked as soon as its server answers. Without the network address it came from.
stored-arrivals--body = The message itself.
stored-arrivals--received = When it came.
stored-arrivals--tries = How often checking it failed.
stored-arrivals--next-try = When to check next.
stored-arrivals--quarantined = Why it could not be checked.

kept-handled = 14 days.
stored-handled--activity = The number of a message that was acted upon, so that a repeat has no effect. Not what it said.
stored-handled--time = When.

kept-seen-signatures = 70 minutes.
stored-seen-signatures--hash = A fingerprint of a signature, so that nobody can play a message back.
stored-seen-signatures--time = When it was seen.

kept-sisters = Until our group no longer hears it, or the other one is deleted.
stored-sisters--group-handle = Which of our groups hears.
stored-sisters--actor = The address of the group in the other city.
stored-sisters--activity = The number of our request.
stored-sisters--state = Whether it was asked, has accepted or refused.
stored-sisters--created = Since when.

kept-elsewhere = Until its author deletes it, or none of our groups hears that author any more.
stored-elsewhere--uri = Its address on the other server.
stored-elsewhere--actor = Who said it.
stored-elsewhere--kind = Whether it is a post or a meeting.
stored-elsewhere--title = Its heading.
stored-elsewhere--content = What was said, in public.
stored-elsewhere--url = Where to read it.
stored-elsewhere--in-reply-to = What it answers.
stored-elsewhere--language = The language of these words.
stored-elsewhere--starts = When the meeting begins.
stored-elsewhere--ends = When the meeting ends.
stored-elsewhere--zone = The time zone of the meeting.
stored-elsewhere--place = Where the meeting is.
stored-elsewhere--cancelled = Whether it was cancelled.
stored-elsewhere--published = When it was said.
stored-elsewhere--updated = When it was last changed.
stored-elsewhere--received = When it came to us.

kept-digests = As long as the place exists: that a morning had its digest.
stored-digests--date = The morning it was for.
stored-digests--note = The announcement that was posted, if there was anything to say.
stored-digests--items = Which meetings and announcements it names.
stored-digests--more-meetings = How many meetings more there were than it names.
stored-digests--more-news = How many announcements more there were than it names.
stored-digests--made = When it was made.

kept-passed-on = Until it is taken back there, or none of our groups hears whoever passed it on any more.
stored-passed-on--uri = Which post on another server.
stored-passed-on--actor = Which group elsewhere passed it on.
stored-passed-on--activity = The number of that message.
stored-passed-on--received = When it came to us.

kept-meeting-terms = As long as the meeting they are taken from.
stored-meeting-terms--term = A word by which the meeting is found: its group, kind, topic, or a word of its place.
stored-meeting-terms--starts = When the meeting begins.
stored-meeting-terms--meeting = Which meeting.
stored-meeting-terms--ends = When the meeting ends.

kept-members = As long as the account exists. Whoever leaves is deleted at once.
stored-members--id = A number for the account, made at random; it is shown nowhere.
stored-members--handle = The name with which the person signs in.
stored-members--name = What the person wants to be called; any name will do.
stored-members--language = The language in which the place speaks to them.
stored-members--password = A fingerprint of the password (argon2id), from which the password cannot be read; nothing for who uses a passkey only.
stored-members--caretaker = Whether they look after the place.
stored-members--welcomed = The day on which a group of theirs was welcomed; not by whom.
stored-members--created = The day on which the account was made.
stored-members--used = The day on which the person last signed in; an account without a group goes after 30 days unused.

kept-recovery-codes = Until they are used or new ones are made.
stored-recovery-codes--hash = A fingerprint of a code that the person wrote down; each works once instead of the password.
stored-recovery-codes--member = Whose code it is.

kept-ways-in = Until they are used: 15 minutes, a day, or nine days at most.
stored-ways-in--hash = A fingerprint of the link's secret, which only whoever has the link knows.
stored-ways-in--kind = What the link is for: the first account, an invitation, a way back in from a fellow organizer, a caretaker or a recovery code, or a passkey that was answered and may not be answered again.
stored-ways-in--member = Whom it lets in.
stored-ways-in--shown-by = Which fellow organizer showed it, for 15 minutes at most: it stops working when they may no longer show it.
stored-ways-in--opens = From when it works.
stored-ways-in--ends = Until when it works.

kept-passkeys = Until the person takes the passkey away or leaves.
stored-passkeys--id = The number by which the person's device knows the passkey.
stored-passkeys--member = Whose passkey it is.
stored-passkeys--public-key = The public half of the key, with which nobody can sign in.
stored-passkeys--uses = How often it was used, as the device counts.
stored-passkeys--added = The day on which it was added.

kept-sessions = Until the person signs out, after 30 days without a visit, and 90 days at most.
stored-sessions--hash = A fingerprint of the key that only the browser has.
stored-sessions--id = A number by which the person ends this session from another device.
stored-sessions--member = Whose session it is.
stored-sessions--begun = The day on which it began.
stored-sessions--seen = The day on which it was last used; neither the hour nor the device nor the network.

kept-organizers = As long as the person speaks for the group.
stored-organizers--group-handle = Which group.
stored-organizers--member = Whose account.
stored-organizers--since = Since when: new ones cannot add or remove others at first.
stored-organizers--founder = Whether they began the group.
stored-organizers--shown = Whether they want their name on the group's page; no, unless they say so.
stored-organizers--paused = Since when their powers rest, because their telephone was taken.

kept-proposals = Until it is settled, or its time is over: 7 days, for a removal 14.
stored-proposals--id = A random number for it.
stored-proposals--group-handle = Which group it is about.
stored-proposals--kind = What is asked: to speak for the group, or that somebody no longer does.
stored-proposals--reason = Why, from a short list.
stored-proposals--member = Whose account asks.
stored-proposals--about = Whose account it is about.
stored-proposals--hash = Of an invitation: a fingerprint of its link, from which the link cannot be made.
stored-proposals--until = When its time is over.

kept-deeds = 180 days. In public only how many there were in which week; who and whom is shown to the group alone, and goes with the account.
stored-deeds--id = A random number for it.
stored-deeds--done = The day.
stored-deeds--group-handle = Which group it was about, if any.
stored-deeds--kind = What was done.
stored-deeds--role = In which role: as one who speaks for the group, or who looks after the place. Of a welcome not even who it was is kept.
stored-deeds--reason = Why, from a short list.
stored-deeds--member = Whose account did it.
stored-deeds--about = Whose account it was about.

kept-replies = A reply waits at most 30 days to be let through; one that was hidden goes after 30 days. One that is shown stays as long as the post it answers, and goes at once when its author deletes it or is deleted or blocked.
stored-replies--id = A number by which the group finds it.
stored-replies--uri = Its address on the other server.
stored-replies--group-handle = Which group was answered.
stored-replies--root = Below which post it stands.
stored-replies--parent = What it answers.
stored-replies--depth = How many replies lie between it and the post.
stored-replies--actor = The address of the account that wrote it in public.
stored-replies--handle = Its name, as it is shown beside the reply.
stored-replies--host = Its server.
stored-replies--content = What was said in public, without pictures.
stored-replies--warning = What its author warns of.
stored-replies--language = The language of these words.
stored-replies--url = Where to read it on the other server.
stored-replies--pictures = How many pictures it has there; they are not copied.
stored-replies--state = Whether it waits, is shown or was hidden.
stored-replies--published = When it was said.
stored-replies--updated = When it was last changed.
stored-replies--received = When it came to us.

kept-repliers = A year after the last reply; who was turned away, until the group changes its mind. At once when the account is deleted.
stored-repliers--group-handle = Which group let somebody's replies through, or turned them away.
stored-repliers--actor = The address of that account.
stored-repliers--standing = Whether its replies show at once, or not at all. Not who decided so.
stored-repliers--seen = The day of its last reply, so that this row can be deleted.

kept-letters = 7 days.
stored-letters--id = A number.
stored-letters--uri = Its address on the other server.
stored-letters--group-handle = To which group it was written.
stored-letters--actor = The address of the account that wrote.
stored-letters--handle = Its name.
stored-letters--content = What was written to the group and not to everyone. It is not secret: whoever speaks for the group, the caretakers and the people who run the two servers can read it, and whoever writes is told so.
stored-letters--received = When it came.

kept-reactions = Until it is taken back, the account is deleted, or what was liked is gone.
stored-reactions--object = What was liked, passed on or reacted to.
stored-reactions--kind = Which of these.
stored-reactions--actor = The address of the account, so that it counts once, can be taken back, and its server hears of changes. Only the number is shown, here and to other servers.
stored-reactions--activity = The number of the message, so that it can be taken back.

kept-reports = 180 days.
stored-reports--id = A number.
stored-reports--about = What the report is about.
stored-reports--host = The server it came from. Not who reported.
stored-reports--objects = The posts and accounts that it names.
stored-reports--reason = What was wrong, in the words of whoever reported.
stored-reports--times = How often the same was reported from there.
stored-reports--received = When it came.
stored-reports--closed = When the caretakers were done with it.

kept-blocked-words = Until the caretakers take it back.
stored-blocked-words--word = A word because of which a reply is not shown at once.
stored-blocked-words--created = Since when.

kept-servers = Until the caretakers change it.
stored-servers--host = The name of another server.
stored-servers--standing = Whether it was let in, or what it says is looked at first.
stored-servers--since = Since when.

kept-held = Until the server is let in, at most 14 days.
stored-held--activity = The number of a message from a server that was not let in yet.
stored-held--host = That server.
stored-held--actor = The address of the account that sent it.
stored-held--kind = What kind of message it is.
stored-held--object = What it is about.
stored-held--body = The message itself, without the network address it came from.
stored-held--received = When it came.

kept-coming = The key until an hour after the meeting; how many came, in steps, as long as the meeting is shown.
stored-coming--meeting = Which meeting.
stored-coming--asked = Whether the group wants people to say if they are coming.
stored-coming--key = A key of this meeting only, locked with a secret that is not in the database. Erased an hour after the end: then nothing here leads to anybody's link any more.
stored-coming--hour = The latest hour in which somebody new answered, so that a flood of false answers is noticed.
stored-coming--come = How many said that they were coming, in steps such as 10 to 19; written down when the answers are erased.
stored-coming--maybe = How many said maybe, in the same steps.

kept-answers = Until an hour after the meeting.
stored-answers--meeting = Which meeting.
stored-answers--fingerprint = A fingerprint of the link with which the person can change the answer, made with the key of the meeting. The link itself is only in their browser.
stored-answers--answer = Coming, maybe, or not coming.
stored-answers--state = Whether it is counted, or came with so many others that the group has to look first.

kept-suggestions = Until an organizer of the group has taken it or thrown it away, and 30 days at most.
stored-suggestions--id = A number, made at random.
stored-suggestions--group-handle = Which group it is for.
stored-suggestions--text = What somebody suggests.
stored-suggestions--moment = When it is to be, in their words.
stored-suggestions--place = Where it is to be, in their words.
stored-suggestions--link = Where to read more.
stored-suggestions--received = The day on which it came. Nothing about who sent it.
kept-drafts = Until it is published or discarded, or 30 days after it was last changed.
stored-drafts--id = A number for the draft, made at random.
stored-drafts--group-handle = Which group is about to say it.
stored-drafts--kind = Whether it is news or a meeting.
stored-drafts--about = Which announcement or meeting it would change.
stored-drafts--body = What was typed so far. Everyone who speaks for the group sees it.
stored-drafts--pictures = Pictures that were given, with their descriptions.
stored-drafts--due = When it is to be published by itself, if the group wants that.
stored-drafts--author = Only while a time is set: whose account set it, because it is published only as long as that person speaks for the group.
stored-drafts--stopped = Why it was not published at its time.
stored-drafts--revision = How often it was changed, so that two people do not overwrite each other.
stored-drafts--touched = The day on which it was last changed.

kept-notices = Until the person switches it off or leaves. Nothing is kept of those who switched nothing on.
stored-notices--member = Whose account it is.
stored-notices--feed = A fingerprint of the key in the address of their private feed, if they want one.
stored-notices--account = The address of their own account on another server, if they want to be told there.
stored-notices--code = A fingerprint of the code that was sent there, until it was typed in.
stored-notices--tries = How often a wrong code was typed in.
stored-notices--asked = The minute in which the code was sent, so that nobody is sent many; forgotten after a day.
stored-notices--told = How much waited when they were told last, so that they are not told twice of the same.
stored-notices--heard = The minute in which they were told last, so that it is one message an hour at most.

kept-pushes = Until the person ends it, leaves, or the browser no longer wants it.
stored-pushes--endpoint = An address at the maker of the browser, by which it is woken. Nothing is sent there but that something waits.
stored-pushes--member = Whose account it is.
