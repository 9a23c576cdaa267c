DROP TABLE pushes;
CREATE TABLE pushes (
    endpoint TEXT PRIMARY KEY NOT NULL,
    member TEXT NOT NULL REFERENCES members (id) ON DELETE CASCADE
);
CREATE INDEX pushes_by_member ON pushes (member);
