-- Nobody said of the last meetings of its series that they took place.
ALTER TABLE meetings ADD COLUMN unconfirmed BOOLEAN NOT NULL DEFAULT FALSE;
-- When somebody who speaks for the group said that it did not take place.
ALTER TABLE meetings ADD COLUMN missed BIGINT;
