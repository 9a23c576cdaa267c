-- What was said to everyone last: by it a calendar or feed is known without being made.
CREATE INDEX activities_public ON activities (public, sequence);

-- A feed begins with what changed last.
CREATE INDEX meetings_by_change ON meetings ((COALESCE(updated, published)));
