-- Meetings that recur: what all of them share, and when they are. Each of them is a row of `meetings`, laid out ahead.
CREATE TABLE series (
    id TEXT NOT NULL PRIMARY KEY,
    group_handle TEXT NOT NULL REFERENCES groups (handle),
    title TEXT NOT NULL,
    kind TEXT NOT NULL,
    -- the clock on the wall at the first one, such as 2026-12-01T18:00
    first TEXT NOT NULL,
    zone TEXT NOT NULL,
    minutes BIGINT NOT NULL,
    -- RFC 5545, RRULE
    rule TEXT NOT NULL,
    -- days that are left out, as JSON
    except_days TEXT NOT NULL,
    place TEXT,
    address TEXT,
    latitude DOUBLE PRECISION,
    longitude DOUBLE PRECISION,
    online_url TEXT,
    agenda TEXT,
    language TEXT NOT NULL,
    mentions TEXT NOT NULL,
    pictures TEXT NOT NULL,
    sequence BIGINT NOT NULL,
    published BIGINT NOT NULL,
    updated BIGINT,
    -- nobody said of its last ones that they took place
    unconfirmed BOOLEAN NOT NULL,
    -- meetings that begin before this are rows of `meetings`
    laid_out BIGINT NOT NULL
);
CREATE INDEX series_of_group ON series (group_handle);
CREATE INDEX series_by_layout ON series (laid_out);

-- When it was to begin as its series has it; kept when it is moved.
ALTER TABLE meetings ADD COLUMN recurrence BIGINT;
-- Other servers hear of it at this moment; until then it stands on our own pages only. Empty: they did.
ALTER TABLE meetings ADD COLUMN opens BIGINT;
-- When somebody said that it took place.
ALTER TABLE meetings ADD COLUMN met BIGINT;
CREATE UNIQUE INDEX meetings_of_series ON meetings (series, recurrence) WHERE series IS NOT NULL;
CREATE INDEX meetings_to_open ON meetings (opens) WHERE opens IS NOT NULL;

-- So many days ahead others hear of a meeting of a series.
ALTER TABLE groups ADD COLUMN horizon BIGINT NOT NULL DEFAULT 8;
