DROP TABLE moves;
ALTER TABLE groups DROP COLUMN moved;
ALTER TABLE groups DROP COLUMN moving;
ALTER TABLE groups DROP COLUMN moved_to;
ALTER TABLE groups DROP COLUMN also_known_as;
