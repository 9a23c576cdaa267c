-- A note with which a group answers a reply names it by its id.
ALTER TABLE announcements ADD COLUMN answers TEXT;
CREATE INDEX announcements_answering ON announcements (answers);

-- What people on other servers reply to what a group said. `root` is the path of what it stands below on a page, `parent` the path
-- or the id of what it answers. `state`: waiting, shown or hidden.
CREATE TABLE replies (
    id TEXT NOT NULL PRIMARY KEY,
    uri TEXT NOT NULL UNIQUE,
    group_handle TEXT NOT NULL REFERENCES groups (handle),
    root TEXT NOT NULL,
    parent TEXT NOT NULL,
    depth BIGINT NOT NULL,
    actor TEXT NOT NULL,
    handle TEXT NOT NULL,
    host TEXT NOT NULL,
    content TEXT NOT NULL,
    warning TEXT,
    language TEXT,
    url TEXT NOT NULL,
    pictures BIGINT NOT NULL,
    state TEXT NOT NULL,
    published BIGINT NOT NULL,
    updated BIGINT,
    received BIGINT NOT NULL
);
CREATE INDEX replies_below ON replies (root, state, id);
CREATE INDEX replies_to ON replies (parent, state, id);
CREATE INDEX replies_of_group ON replies (group_handle, state, id);
CREATE INDEX replies_of_actor ON replies (actor);

-- Who was let through by a group (known), or turned away (refused).
CREATE TABLE repliers (
    group_handle TEXT NOT NULL REFERENCES groups (handle),
    actor TEXT NOT NULL,
    standing TEXT NOT NULL,
    seen BIGINT NOT NULL,
    PRIMARY KEY (group_handle, actor)
);
CREATE INDEX repliers_by_actor ON repliers (actor);

-- What was said to a group and not to everyone.
CREATE TABLE letters (
    id TEXT NOT NULL PRIMARY KEY,
    uri TEXT NOT NULL UNIQUE,
    group_handle TEXT NOT NULL REFERENCES groups (handle),
    actor TEXT NOT NULL,
    handle TEXT NOT NULL,
    content TEXT NOT NULL,
    received BIGINT NOT NULL
);
CREATE INDEX letters_to ON letters (group_handle, actor);

-- Who liked, passed on or reacted to what. `object` is a path of ours.
CREATE TABLE reactions (
    object TEXT NOT NULL,
    kind TEXT NOT NULL,
    actor TEXT NOT NULL,
    activity TEXT NOT NULL,
    PRIMARY KEY (object, kind, actor)
);
CREATE INDEX reactions_of_actor ON reactions (actor);

-- What somebody asks the caretakers to look at: one row for each server and thing as long as it is open. `host` is empty for
-- people here.
CREATE TABLE reports (
    id TEXT NOT NULL PRIMARY KEY,
    about TEXT NOT NULL,
    host TEXT NOT NULL,
    objects TEXT NOT NULL,
    reason TEXT NOT NULL,
    times BIGINT NOT NULL,
    received BIGINT NOT NULL,
    closed BIGINT
);
CREATE INDEX reports_open ON reports (closed, received);

CREATE TABLE blocked_words (
    word TEXT NOT NULL PRIMARY KEY,
    created BIGINT NOT NULL
);

-- Servers that caretakers let in (welcome), or whose words they look at first (held).
CREATE TABLE servers (
    host TEXT NOT NULL PRIMARY KEY,
    standing TEXT NOT NULL,
    since BIGINT NOT NULL
);

-- Activities of servers that were not let in, checked and not yet done.
CREATE TABLE held (
    activity TEXT NOT NULL PRIMARY KEY,
    host TEXT NOT NULL,
    actor TEXT NOT NULL,
    kind TEXT NOT NULL,
    object TEXT NOT NULL,
    body TEXT NOT NULL,
    received BIGINT NOT NULL
);
CREATE INDEX held_of_host ON held (host, received);
