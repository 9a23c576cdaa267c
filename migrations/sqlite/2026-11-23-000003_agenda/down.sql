DROP INDEX announcements_urgent;
DROP TABLE meeting_terms;
