-- What is looked for once an hour, and is there seldom.
CREATE INDEX organizers_paused ON organizers (paused) WHERE paused IS NOT NULL;
CREATE INDEX groups_ending ON groups (ending) WHERE ending IS NOT NULL;
CREATE INDEX proposals_by_kind ON proposals (kind);
CREATE INDEX actors_waiting ON actors (handle) WHERE welcomed IS NULL AND closed IS NULL;
