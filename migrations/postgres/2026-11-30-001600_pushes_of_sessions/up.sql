-- A browser is woken while it is signed in: one address for each session. Those of before belong to none, so they go, and are
-- asked for again.
DROP TABLE pushes;
CREATE TABLE pushes (
    endpoint TEXT PRIMARY KEY NOT NULL,
    member TEXT NOT NULL REFERENCES members (id) ON DELETE CASCADE,
    session TEXT NOT NULL UNIQUE REFERENCES sessions (id) ON DELETE CASCADE
);
CREATE INDEX pushes_by_member ON pushes (member);
