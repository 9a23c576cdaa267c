-- Groups that were asked to call one of our meetings with the group that holds it.
CREATE TABLE callers (
    meeting TEXT NOT NULL REFERENCES meetings (id),
    -- the id of a group elsewhere, or the path of one of ours
    actor TEXT NOT NULL,
    state TEXT NOT NULL,
    -- path of our Offer
    offer TEXT NOT NULL,
    PRIMARY KEY (meeting, actor)
);
CREATE INDEX callers_by_actor ON callers (actor);
CREATE INDEX callers_by_offer ON callers (offer);

-- Meetings elsewhere that a group of ours was asked to call.
CREATE TABLE invited (
    event TEXT NOT NULL,
    group_handle TEXT NOT NULL REFERENCES groups (handle),
    holder TEXT NOT NULL,
    -- the id of its Offer
    offer TEXT NOT NULL,
    -- as its holder described it last, as JSON
    document TEXT NOT NULL,
    state TEXT NOT NULL,
    -- how it stands in our own agenda
    meeting TEXT,
    -- paths of our Accept and Announce
    accept TEXT,
    announce TEXT,
    said BIGINT NOT NULL,
    received BIGINT NOT NULL,
    PRIMARY KEY (event, group_handle)
);
CREATE INDEX invited_of_group ON invited (group_handle);
CREATE INDEX invited_by_meeting ON invited (meeting);
