-- Pictures of replies: where they are until somebody lets the reply through, and those that were brought here then.
ALTER TABLE replies ADD COLUMN attached TEXT NOT NULL DEFAULT '[]';
ALTER TABLE replies ADD COLUMN kept TEXT NOT NULL DEFAULT '[]';
