# What people on other servers say to what a group said.
replies-title = Replies
replies-likes = Liked elsewhere: { $count }
replies-passed-on = Passed on elsewhere: { $count }
replies-pictures = Pictures or videos with it, to be seen where it was said: { $count }
replies-undescribed = A picture without a description
replies-answered = What this answers
replies-pages = More replies
replies-earlier = Earlier replies
replies-later = Later replies
replies-how = How to reply
replies-how-more = With an account on Mastodon or another Fediverse server, look for this address there and reply in public. A first reply is shown here as soon as the group has let it through.

# What somebody who writes to a group alone is told.
letter-not-secret = This is not private: everyone who speaks for { $group } can read what you write here, and so can the people who run both servers. It is deleted here after seven days. This answer was sent automatically.
letter-not-secret-contact = This is not private: everyone who speaks for { $group } can read what you write here, and so can the people who run both servers. It is deleted here after seven days. For help reach us at: { $contact }. This answer was sent automatically.
reply-refused-hidden = This reply was hidden: let it through before you answer it.
reply-refused-gone = Nothing more is known of { $handle }: look at the reply on its own server.
reply-refused-blocked = { $handle } is blocked here.
reply-refused-mention = This answers nothing of yours and stands on no page: answer it, or put it away.

reply-refused-not-let = { $handle } lets only others answer this, or wants to be asked first. Answer from an account of your own instead.
