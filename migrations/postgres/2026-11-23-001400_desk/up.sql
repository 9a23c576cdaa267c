-- What a group is about to say. It belongs to the group: whoever speaks for it can go on with it.
CREATE TABLE drafts (
    id TEXT PRIMARY KEY NOT NULL,
    group_handle TEXT NOT NULL REFERENCES groups (handle),
    -- news or meeting
    kind TEXT NOT NULL,
    -- the announcement or meeting that it changes
    about TEXT,
    -- as it was typed: JSON
    body TEXT NOT NULL,
    pictures TEXT NOT NULL,
    -- when it is said by itself, and who wanted that
    due BIGINT,
    author TEXT REFERENCES members (id) ON DELETE SET NULL,
    -- why it was not said at that time: the name of a message
    stopped TEXT,
    -- goes up with each change
    revision BIGINT NOT NULL,
    -- the day
    touched BIGINT NOT NULL
);
CREATE INDEX drafts_by_group ON drafts (group_handle);
CREATE INDEX drafts_by_time ON drafts (due);
