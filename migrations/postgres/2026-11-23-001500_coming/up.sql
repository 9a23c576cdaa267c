-- What is kept of a meeting's answers as a whole; a row is there once somebody answered, or the group decided about asking.
CREATE TABLE coming (
    meeting TEXT PRIMARY KEY NOT NULL REFERENCES meetings (id) ON DELETE CASCADE,
    -- whether people are asked; where nobody decided, they are, but not for actions
    asked BOOLEAN,
    -- wrapped; without it no answer leads to the link it was given with. Gone an hour after the end
    key TEXT,
    -- the latest hour in which somebody new answered
    hour BIGINT,
    -- lower ends of the steps reached, once the answers are erased
    come BIGINT,
    maybe BIGINT
);

-- Answers: a fingerprint made with the meeting's key, and nothing of who or when.
CREATE TABLE answers (
    meeting TEXT NOT NULL REFERENCES coming (meeting) ON DELETE CASCADE,
    fingerprint TEXT NOT NULL,
    answer TEXT NOT NULL,
    -- counted; new in the latest hour; or held, because too many came in one hour
    state TEXT NOT NULL,
    PRIMARY KEY (meeting, fingerprint)
);

-- What people without an account tell a group; seen by its organizers only.
CREATE TABLE suggestions (
    id TEXT PRIMARY KEY NOT NULL,
    group_handle TEXT NOT NULL REFERENCES groups (handle),
    text TEXT NOT NULL,
    moment TEXT,
    place TEXT,
    link TEXT,
    -- the day
    received BIGINT NOT NULL
);
CREATE INDEX suggestions_by_group ON suggestions (group_handle, received);
