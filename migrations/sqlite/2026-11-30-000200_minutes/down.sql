DROP INDEX meetings_by_agreement;
ALTER TABLE meetings DROP COLUMN agreed;
DROP TABLE minutes;
