-- Since when everyone may hear of an actor; a group that waits to be welcomed has none.
ALTER TABLE actors ADD COLUMN welcomed BIGINT;
UPDATE actors SET welcomed = created;

-- Until when nothing changes in who speaks for the group, and when it will end.
ALTER TABLE groups ADD COLUMN frozen BIGINT;
ALTER TABLE groups ADD COLUMN ending BIGINT;

-- What is asked about who speaks for a group, until it is settled.
CREATE TABLE proposals (
    id TEXT PRIMARY KEY NOT NULL,
    group_handle TEXT NOT NULL REFERENCES groups (handle),
    -- invitation, offer, removal or pick_up
    kind TEXT NOT NULL,
    reason TEXT NOT NULL,
    -- who asks
    member TEXT REFERENCES members (id) ON DELETE CASCADE,
    -- whom it is about; of an invitation only the hash of its secret is known
    about TEXT REFERENCES members (id) ON DELETE CASCADE,
    hash TEXT UNIQUE,
    until BIGINT NOT NULL
);
CREATE INDEX proposals_of_group ON proposals (group_handle);
CREATE INDEX proposals_about ON proposals (about);
CREATE INDEX proposals_by_member ON proposals (member);
CREATE INDEX proposals_by_time ON proposals (until);

-- How power was used. Kept 180 days; in public as counts.
CREATE TABLE deeds (
    id TEXT PRIMARY KEY NOT NULL,
    -- the day
    done BIGINT NOT NULL,
    group_handle TEXT REFERENCES groups (handle),
    kind TEXT NOT NULL,
    role TEXT NOT NULL,
    reason TEXT NOT NULL,
    -- shown to the group only
    member TEXT REFERENCES members (id) ON DELETE SET NULL,
    about TEXT REFERENCES members (id) ON DELETE SET NULL
);
CREATE INDEX deeds_by_day ON deeds (done);
CREATE INDEX deeds_of_group ON deeds (group_handle, done);
CREATE INDEX deeds_by_member ON deeds (member);
CREATE INDEX deeds_about ON deeds (about);
