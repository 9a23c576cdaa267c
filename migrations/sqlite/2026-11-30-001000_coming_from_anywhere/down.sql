ALTER TABLE series DROP COLUMN capacity;
ALTER TABLE meetings DROP COLUMN capacity;
DROP INDEX answers_by_note;
ALTER TABLE answers DROP COLUMN told;
ALTER TABLE answers DROP COLUMN note;
ALTER TABLE answers DROP COLUMN account;
