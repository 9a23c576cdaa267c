ALTER TABLE meetings DROP COLUMN missed;
ALTER TABLE meetings DROP COLUMN unconfirmed;
