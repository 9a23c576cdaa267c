-- How often others made us tell everybody that a meeting changed, in the hour that began then.
CREATE TABLE outside_changes (
    meeting TEXT PRIMARY KEY NOT NULL REFERENCES meetings (id) ON DELETE CASCADE,
    since BIGINT NOT NULL,
    told BIGINT NOT NULL,
    -- something is to be told when the hour is over
    waits BOOLEAN NOT NULL,
    -- what others want changed then, as JSON
    wanted TEXT
);
CREATE INDEX outside_changes_by_time ON outside_changes (since);
