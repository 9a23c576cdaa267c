-- What a meeting recorded: one set of notes a meeting, unless earlier ones were deleted.
CREATE TABLE minutes (
    id TEXT PRIMARY KEY NOT NULL,
    group_handle TEXT NOT NULL REFERENCES groups (handle),
    meeting TEXT NOT NULL REFERENCES meetings (id),
    -- lower end of the step, see coming/answer.rs
    present BIGINT,
    text TEXT NOT NULL,
    language TEXT NOT NULL,
    mentions TEXT NOT NULL,
    -- JSON: each decision with its number, in the order of the text
    decisions TEXT NOT NULL,
    -- the highest number a decision ever had: none is given twice
    numbered BIGINT NOT NULL,
    -- the meeting on whose agenda the open items stand, and which ones were put there
    rolled_into TEXT,
    rolled TEXT,
    published BIGINT NOT NULL,
    updated BIGINT,
    deleted BIGINT
);
CREATE UNIQUE INDEX minutes_by_meeting ON minutes (meeting) WHERE deleted IS NULL;
CREATE INDEX minutes_by_group ON minutes (group_handle, published);
CREATE INDEX minutes_by_target ON minutes (rolled_into) WHERE rolled_into IS NOT NULL;

-- The decision by which an assembly called for it: path, anchor and day of ours, or an address elsewhere.
ALTER TABLE meetings ADD COLUMN agreed TEXT;
CREATE INDEX meetings_by_agreement ON meetings (agreed) WHERE agreed IS NOT NULL;
