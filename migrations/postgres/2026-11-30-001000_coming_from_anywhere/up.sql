-- Answers of people with an account: one for each account, changed with what it was said in; and how many may come to a meeting.
ALTER TABLE answers ADD COLUMN account BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE answers ADD COLUMN note TEXT;
ALTER TABLE answers ADD COLUMN told BIGINT NOT NULL DEFAULT 0;
CREATE INDEX answers_by_note ON answers (note);
ALTER TABLE meetings ADD COLUMN capacity BIGINT;
ALTER TABLE series ADD COLUMN capacity BIGINT;
