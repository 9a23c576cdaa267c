-- What the plaza posted in the morning of each local date: `note` is the announcement, NULL when there was nothing to say. `items`
-- are the paths of the meetings and announcements it names, in their order, each with a space on either side.
CREATE TABLE digests (
    date TEXT NOT NULL PRIMARY KEY,
    note TEXT,
    items TEXT NOT NULL,
    more_meetings BIGINT NOT NULL,
    more_news BIGINT NOT NULL,
    made BIGINT NOT NULL
);
CREATE INDEX digests_by_time ON digests (made);

-- Posts of other servers that `actor`, whom a group of ours hears, passed on by `activity`.
CREATE TABLE passed_on (
    uri TEXT NOT NULL,
    actor TEXT NOT NULL,
    activity TEXT NOT NULL,
    received BIGINT NOT NULL,
    PRIMARY KEY (uri, actor)
);
CREATE INDEX passed_on_by_actor ON passed_on (actor);
