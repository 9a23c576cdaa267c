# Members and what they do.
site-mine = For you
site-ours = Our groups
site-me = My account
site-care = Look after this place
site-sign-out = Sign out
form-problems = Something is missing or wrong:
members-refused-name = A name has 1 to 60 characters on one line.
members-refused-signed-out = You are signed out. Sign in again and go on.
members-refused-not-organizer = You do not speak for this group.
members-refused-paused = Your powers in this group rest, because somebody said that your telephone was taken. Another organizer can give them back.
members-refused-not-caretaker = Only those who look after this place may do that.
ours-title = Our groups
ours-none = You speak for no group yet.
form-refused-elsewhere = This form was sent from another site.
form-refused-old = This form is not one of ours, or it is from before you signed in. Open the page again.
