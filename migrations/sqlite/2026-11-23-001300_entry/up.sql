-- The day on which somebody last signed in: accounts of nobody's group go when they are not used.
ALTER TABLE members ADD COLUMN used BIGINT;

-- Each works once instead of the password. The codes themselves are on paper only.
CREATE TABLE recovery_codes (
    hash TEXT PRIMARY KEY NOT NULL,
    member TEXT NOT NULL REFERENCES members (id) ON DELETE CASCADE
);
CREATE INDEX recovery_codes_by_member ON recovery_codes (member);

-- Links that let somebody in once. Their secrets are in the links only.
CREATE TABLE ways_in (
    hash TEXT PRIMARY KEY NOT NULL,
    -- start, invitation, fellow, caretaker, code or answered
    kind TEXT NOT NULL,
    -- whom it lets in, where that is known
    member TEXT REFERENCES members (id) ON DELETE CASCADE,
    -- which fellow showed it; it ends with their powers
    shown_by TEXT REFERENCES members (id) ON DELETE CASCADE,
    opens BIGINT NOT NULL,
    ends BIGINT NOT NULL
);
CREATE INDEX ways_in_by_member ON ways_in (member);
CREATE INDEX ways_in_by_fellow ON ways_in (shown_by);
CREATE INDEX ways_in_by_end ON ways_in (ends);

-- Keys that a device holds instead of a password; here is their public half.
CREATE TABLE passkeys (
    id TEXT PRIMARY KEY NOT NULL,
    member TEXT NOT NULL REFERENCES members (id) ON DELETE CASCADE,
    public_key TEXT NOT NULL,
    -- how often it was used, as it says itself: a copy of it shows
    uses BIGINT NOT NULL,
    -- the day
    added BIGINT NOT NULL
);
CREATE INDEX passkeys_by_member ON passkeys (member);
