ALTER TABLE groups DROP COLUMN horizon;
DROP INDEX meetings_to_open;
DROP INDEX meetings_of_series;
ALTER TABLE meetings DROP COLUMN met;
ALTER TABLE meetings DROP COLUMN opens;
ALTER TABLE meetings DROP COLUMN recurrence;
DROP TABLE series;
