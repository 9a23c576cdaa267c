UPDATE groups SET icon = json_extract(icon, '$.large.name') WHERE icon IS NOT NULL;
UPDATE groups SET header = json_extract(header, '$.large.name') WHERE header IS NOT NULL;
ALTER TABLE meetings DROP COLUMN pictures;
ALTER TABLE announcements DROP COLUMN pictures;
