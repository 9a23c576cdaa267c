-- Places that groups keep once and use again. `folded` is the name without case and accents, `access` names what makes it easier
-- to come, from a fixed list.
CREATE TABLE places (
    id TEXT PRIMARY KEY NOT NULL,
    group_handle TEXT NOT NULL REFERENCES groups (handle),
    name TEXT NOT NULL,
    folded TEXT NOT NULL,
    address TEXT,
    latitude DOUBLE PRECISION,
    longitude DOUBLE PRECISION,
    access TEXT NOT NULL,
    access_line TEXT,
    -- the day
    updated BIGINT NOT NULL
) WITHOUT ROWID;
CREATE INDEX places_by_name ON places (folded);

-- The kept place that a meeting took over, and what it then says about access. `veil`: so many hours before its start it shows
-- more than the district that stands in `place`.
ALTER TABLE meetings ADD COLUMN place_id TEXT;
ALTER TABLE meetings ADD COLUMN access TEXT NOT NULL DEFAULT '';
ALTER TABLE meetings ADD COLUMN access_line TEXT;
ALTER TABLE meetings ADD COLUMN veil BIGINT;
CREATE INDEX meetings_of_place ON meetings (place_id, ends) WHERE place_id IS NOT NULL;

-- The same of what the meetings of a series share.
ALTER TABLE series ADD COLUMN place_id TEXT;
ALTER TABLE series ADD COLUMN access TEXT NOT NULL DEFAULT '';
ALTER TABLE series ADD COLUMN access_line TEXT;
ALTER TABLE series ADD COLUMN veil BIGINT;

-- Where a meeting is whose row shows a district, and the meetings of a series. No reader of meetings looks here; the worker moves it
-- there when it `lifts`, which of a series it never does.
CREATE TABLE veiled (
    id TEXT PRIMARY KEY NOT NULL,
    lifts BIGINT NOT NULL,
    place TEXT,
    address TEXT,
    latitude DOUBLE PRECISION,
    longitude DOUBLE PRECISION,
    online_url TEXT,
    place_id TEXT,
    access_line TEXT
) WITHOUT ROWID;
CREATE INDEX veiled_by_moment ON veiled (lifts);

-- Meetings that their group passed on once more some hours before, until they are over.
CREATE TABLE reminders (
    meeting TEXT PRIMARY KEY NOT NULL REFERENCES meetings (id) ON DELETE CASCADE,
    activity TEXT NOT NULL,
    at BIGINT NOT NULL
) WITHOUT ROWID;

-- How exactly a group says where it meets on a map, and how many hours before it reminds its followers (0: never).
ALTER TABLE groups ADD COLUMN positions TEXT NOT NULL DEFAULT 'exact';
ALTER TABLE groups ADD COLUMN remind BIGINT NOT NULL DEFAULT 4;
