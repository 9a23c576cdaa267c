ALTER TABLE series DROP COLUMN begun_as;
