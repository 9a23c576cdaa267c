ALTER TABLE announcements DROP COLUMN followers_only;
