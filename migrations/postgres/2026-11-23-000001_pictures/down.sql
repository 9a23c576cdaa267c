UPDATE groups SET icon = CAST(icon AS json) #>> '{large,name}' WHERE icon IS NOT NULL;
UPDATE groups SET header = CAST(header AS json) #>> '{large,name}' WHERE header IS NOT NULL;
ALTER TABLE meetings DROP COLUMN pictures;
ALTER TABLE announcements DROP COLUMN pictures;
