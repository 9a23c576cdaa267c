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
    -- the hour in which it was sent
    asked BIGINT,
    -- when the latest thing came of which they were told, and the hour in which they were
    told BIGINT NOT NULL,
    heard BIGINT NOT NULL
);
