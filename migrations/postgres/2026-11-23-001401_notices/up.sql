-- How somebody wants to hear that something waits for a group of theirs.
CREATE TABLE notices (
    member TEXT PRIMARY KEY NOT NULL REFERENCES members (id) ON DELETE CASCADE,
    -- hash of the key in the address of their feed
    feed TEXT UNIQUE,
    -- id of their own account on another server
    account TEXT,
    -- hash of what was sent there, until they have typed it in here
    code TEXT,
    tries BIGINT NOT NULL,
    -- the minute in which it was sent
    asked BIGINT,
    -- what waited when they were told last, as counts: JSON; and the minute in which they were told
    told TEXT NOT NULL,
    heard BIGINT NOT NULL
);

-- Browsers that want to be woken when something waits.
CREATE TABLE pushes (
    endpoint TEXT PRIMARY KEY NOT NULL,
    member TEXT NOT NULL REFERENCES members (id) ON DELETE CASCADE
);
CREATE INDEX pushes_by_member ON pushes (member);
