-- What was said to everyone last: by it a calendar or feed is known without being made.
CREATE INDEX activities_public ON activities (public, sequence);

-- A calendar is read piece by piece, a feed by what changed last.
CREATE INDEX meetings_in_order ON meetings (starts, id);
CREATE INDEX meetings_by_change ON meetings ((COALESCE(updated, published)));
DROP INDEX meetings_by_start;
