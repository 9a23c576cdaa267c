DROP TABLE passed_on;
DROP TABLE digests;
