-- Groups that are known elsewhere under another id, or move to another server.
ALTER TABLE groups ADD COLUMN also_known_as TEXT NOT NULL DEFAULT '[]';
ALTER TABLE groups ADD COLUMN moved_to TEXT;
-- when it will move, unless somebody who speaks for it thinks better of it
ALTER TABLE groups ADD COLUMN moving BIGINT;
ALTER TABLE groups ADD COLUMN moved BIGINT;

-- Actors of other servers that moved lately: none moves twice within a week.
CREATE TABLE moves (
    actor TEXT NOT NULL PRIMARY KEY,
    moved BIGINT NOT NULL
);
