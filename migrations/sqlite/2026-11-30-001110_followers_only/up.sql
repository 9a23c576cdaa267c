-- What a group says to whoever follows it, and to nobody else.
ALTER TABLE announcements ADD COLUMN followers_only BOOLEAN NOT NULL DEFAULT FALSE;
