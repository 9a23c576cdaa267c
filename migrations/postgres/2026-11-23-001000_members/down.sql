DROP TABLE organizers;
DROP TABLE sessions;
DROP TABLE members;
