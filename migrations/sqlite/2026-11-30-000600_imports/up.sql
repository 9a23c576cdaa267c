-- Which event of a calendar kept elsewhere became which meeting or series here, so that nothing comes twice.
CREATE TABLE imports (
    group_handle TEXT NOT NULL REFERENCES groups (handle),
    -- as the calendar has it (RFC 5545, UID)
    uid TEXT NOT NULL,
    -- which one of that UID: empty, or where it stood in its series on the wall
    part TEXT NOT NULL,
    -- one of the two
    meeting TEXT,
    series TEXT,
    -- what was said there last, as JSON, without names of people
    said TEXT NOT NULL,
    -- the address that is looked at, where it came from one
    source TEXT,
    -- since when it is not there any more
    missed BIGINT,
    PRIMARY KEY (group_handle, uid, part)
);
CREATE INDEX imports_by_source ON imports (source);

-- Addresses of calendars that are looked at by themselves.
CREATE TABLE watched (
    id TEXT NOT NULL PRIMARY KEY,
    group_handle TEXT NOT NULL REFERENCES groups (handle),
    url TEXT NOT NULL,
    -- when events without a time of day begin and end
    hours TEXT,
    etag TEXT,
    modified TEXT,
    looked BIGINT,
    next_look BIGINT NOT NULL,
    failures BIGINT NOT NULL,
    -- what came of the last look, as JSON
    report TEXT,
    created BIGINT NOT NULL
);
CREATE INDEX watched_of_group ON watched (group_handle);
CREATE INDEX watched_by_next_look ON watched (next_look);

-- What an organizer is shown before it is taken in; forgotten after a day.
CREATE TABLE import_looks (
    id TEXT NOT NULL PRIMARY KEY,
    group_handle TEXT NOT NULL REFERENCES groups (handle),
    url TEXT,
    watch BOOLEAN NOT NULL,
    hours TEXT,
    -- as JSON, without names of people
    reading TEXT NOT NULL,
    -- what came of it, as JSON, once it was taken in
    report TEXT,
    made BIGINT NOT NULL
);
CREATE INDEX import_looks_by_made ON import_looks (made);
