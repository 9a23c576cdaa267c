DROP TABLE deeds;
DROP TABLE proposals;
ALTER TABLE groups DROP COLUMN ending;
ALTER TABLE groups DROP COLUMN frozen;
ALTER TABLE actors DROP COLUMN welcomed;
