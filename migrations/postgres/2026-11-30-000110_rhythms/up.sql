-- Series that groups of other cities hold, in their latest version, as they said them.
CREATE TABLE rhythms (
    uri TEXT NOT NULL PRIMARY KEY,
    actor TEXT NOT NULL,
    -- the Schedule, as JSON
    document TEXT NOT NULL,
    said BIGINT NOT NULL
);
CREATE INDEX rhythms_of_actor ON rhythms (actor);
