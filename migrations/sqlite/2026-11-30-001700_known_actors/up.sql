-- Whether anybody may have heard of an actor, at any time: then its name is never given away again. Of those of before nobody
-- knows that they were not.
ALTER TABLE actors ADD COLUMN known BOOLEAN NOT NULL DEFAULT TRUE;
UPDATE actors SET known = FALSE WHERE welcomed IS NULL AND closed IS NULL AND path NOT IN (SELECT actor FROM activities);
