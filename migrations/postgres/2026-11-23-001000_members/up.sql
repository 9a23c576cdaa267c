-- People with an account here: a name, no e-mail, nothing that leads to a person.
CREATE TABLE members (
    id TEXT PRIMARY KEY NOT NULL,
    handle TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    language TEXT NOT NULL,
    -- argon2id; none for who signs in with a passkey only
    password TEXT,
    caretaker BOOLEAN NOT NULL,
    -- since when they may welcome others: the day a group of theirs was welcomed
    welcomed BIGINT,
    -- the day
    created BIGINT NOT NULL
);

-- Signed-in browsers. The key itself is in the browser only; times are days.
CREATE TABLE sessions (
    hash TEXT PRIMARY KEY NOT NULL,
    id TEXT NOT NULL UNIQUE,
    member TEXT NOT NULL REFERENCES members (id) ON DELETE CASCADE,
    begun BIGINT NOT NULL,
    seen BIGINT NOT NULL
);
CREATE INDEX sessions_by_member ON sessions (member);

-- Who may speak for a group. All equal.
CREATE TABLE organizers (
    group_handle TEXT NOT NULL REFERENCES groups (handle),
    member TEXT NOT NULL REFERENCES members (id) ON DELETE CASCADE,
    since BIGINT NOT NULL,
    founder BOOLEAN NOT NULL,
    -- whether their name stands on the group's page
    shown BOOLEAN NOT NULL,
    -- since when their powers rest: their telephone was taken
    paused BIGINT,
    PRIMARY KEY (group_handle, member)
);
CREATE INDEX organizers_by_member ON organizers (member);
