-- Pictures of a post, in their order, as JSON: description, names and sizes of the two files of each.
ALTER TABLE announcements ADD COLUMN pictures TEXT NOT NULL DEFAULT '[]';
ALTER TABLE meetings ADD COLUMN pictures TEXT NOT NULL DEFAULT '[]';

-- Icons and headers were names of files until now.
UPDATE groups SET icon = '{"alt":"","large":{"name":"' || icon || '","width":400,"height":400},"small":{"name":"' || icon || '","width":400,"height":400}}' WHERE icon IS NOT NULL;
UPDATE groups SET header = '{"alt":"","large":{"name":"' || header || '","width":1500,"height":500},"small":{"name":"' || header || '","width":1500,"height":500}}' WHERE header IS NOT NULL;
