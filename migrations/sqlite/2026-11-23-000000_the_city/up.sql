-- What this city decided about itself: origin, when it first met another server.
CREATE TABLE settings (
    name TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
);

-- Whoever can speak here. `path` is the path of the id, such as /ap/groups/kitchen. Private keys are wrapped.
CREATE TABLE actors (
    path TEXT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    handle TEXT NOT NULL UNIQUE,
    rsa_private TEXT NOT NULL,
    rsa_public TEXT NOT NULL,
    ed25519_private TEXT NOT NULL,
    ed25519_public TEXT NOT NULL,
    created BIGINT NOT NULL,
    closed BIGINT
);

CREATE TABLE groups (
    handle TEXT NOT NULL PRIMARY KEY REFERENCES actors (handle),
    name TEXT NOT NULL,
    mission TEXT NOT NULL,
    contact TEXT,
    tags TEXT NOT NULL,
    language TEXT NOT NULL,
    icon TEXT,
    header TEXT,
    created BIGINT NOT NULL,
    updated BIGINT NOT NULL
);

CREATE TABLE meetings (
    id TEXT NOT NULL PRIMARY KEY,
    group_handle TEXT NOT NULL REFERENCES groups (handle),
    title TEXT NOT NULL,
    kind TEXT NOT NULL,
    starts BIGINT NOT NULL,
    ends BIGINT NOT NULL,
    zone TEXT NOT NULL,
    place TEXT,
    address TEXT,
    latitude DOUBLE PRECISION,
    longitude DOUBLE PRECISION,
    online_url TEXT,
    agenda TEXT,
    language TEXT NOT NULL,
    mentions TEXT NOT NULL,
    tags TEXT NOT NULL,
    series TEXT,
    sequence BIGINT NOT NULL,
    previous_start BIGINT,
    cancelled BIGINT,
    published BIGINT NOT NULL,
    updated BIGINT
);
CREATE INDEX meetings_by_start ON meetings (starts);
CREATE INDEX meetings_of_group ON meetings (group_handle, starts);

-- `meeting` names the meeting that a companion note speaks of. A deleted announcement keeps id and times only.
CREATE TABLE announcements (
    id TEXT NOT NULL PRIMARY KEY,
    group_handle TEXT NOT NULL REFERENCES groups (handle),
    meeting TEXT REFERENCES meetings (id),
    title TEXT,
    text TEXT NOT NULL,
    language TEXT NOT NULL,
    urgent BOOLEAN NOT NULL,
    mentions TEXT NOT NULL,
    tags TEXT NOT NULL,
    published BIGINT NOT NULL,
    updated BIGINT,
    deleted BIGINT
);
CREATE INDEX announcements_by_time ON announcements (published);
CREATE INDEX announcements_of_group ON announcements (group_handle, published);
CREATE INDEX announcements_of_meeting ON announcements (meeting);

-- Every activity we ever said whose object lives. `actor` and `object` are paths when they are ours, else full ids.
CREATE TABLE activities (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    actor TEXT NOT NULL,
    kind TEXT NOT NULL,
    object TEXT NOT NULL,
    body TEXT NOT NULL,
    public BOOLEAN NOT NULL,
    published BIGINT NOT NULL,
    retracted BIGINT
);
CREATE INDEX activities_of_actor ON activities (actor, sequence);
CREATE INDEX activities_about ON activities (object);

-- One activity for one inbox, until it is delivered or given up. `status` is what the inbox last answered (0: nothing), `tries`
-- how often in a row it did, `set_aside` why the delivery is out of the way.
CREATE TABLE deliveries (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    host TEXT NOT NULL,
    inbox TEXT NOT NULL,
    activity BIGINT NOT NULL REFERENCES activities (sequence),
    not_before BIGINT NOT NULL,
    tries BIGINT NOT NULL,
    first_try BIGINT,
    status BIGINT,
    last_error TEXT,
    set_aside TEXT
);
CREATE INDEX deliveries_of_host ON deliveries (host, id);
CREATE UNIQUE INDEX deliveries_of_inbox ON deliveries (inbox, activity);
CREATE INDEX deliveries_of_activity ON deliveries (activity);

-- The unit of delivery: a host that has deliveries waiting, or that we learnt something about.
CREATE TABLE hosts (
    host TEXT NOT NULL PRIMARY KEY,
    next_try BIGINT NOT NULL,
    lease_until BIGINT NOT NULL,
    fails BIGINT NOT NULL,
    failing_since BIGINT,
    last_error TEXT,
    dead BOOLEAN NOT NULL,
    scheme TEXT NOT NULL
);
CREATE INDEX hosts_due ON hosts (next_try);

-- Actors of other servers, as far as we need them to check what they sign and to answer.
CREATE TABLE remote_actors (
    uri TEXT NOT NULL PRIMARY KEY,
    host TEXT NOT NULL,
    kind TEXT NOT NULL,
    handle TEXT NOT NULL,
    inbox TEXT NOT NULL,
    shared_inbox TEXT,
    public_keys TEXT NOT NULL,
    assertion_keys TEXT NOT NULL,
    fetched BIGINT NOT NULL,
    key_checked BIGINT NOT NULL
);
CREATE INDEX remote_actors_of_host ON remote_actors (host);

CREATE TABLE follows (
    group_handle TEXT NOT NULL REFERENCES groups (handle),
    follower TEXT NOT NULL,
    follow_id TEXT NOT NULL,
    host TEXT NOT NULL,
    inbox TEXT NOT NULL,
    shared_inbox TEXT,
    PRIMARY KEY (group_handle, follower)
);
CREATE INDEX follows_of_follower ON follows (follower);
CREATE INDEX follows_of_host ON follows (host);

-- Inboxes that no longer follow but may still hold our posts: they hear of changes to and deletions of what
-- was said before they left, and of nothing new.
CREATE TABLE former_inboxes (
    group_handle TEXT NOT NULL REFERENCES groups (handle),
    inbox TEXT NOT NULL,
    host TEXT NOT NULL,
    left_at BIGINT NOT NULL,
    until BIGINT NOT NULL,
    PRIMARY KEY (group_handle, inbox)
);

CREATE TABLE blocks (
    target TEXT NOT NULL PRIMARY KEY,
    created BIGINT NOT NULL
);

-- What came in and could not be handled at once, as it came.
CREATE TABLE arrivals (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    host TEXT NOT NULL,
    request TEXT NOT NULL,
    body TEXT NOT NULL,
    received BIGINT NOT NULL,
    tries BIGINT NOT NULL,
    next_try BIGINT NOT NULL,
    quarantined TEXT
);
CREATE INDEX arrivals_due ON arrivals (next_try);

-- Ids of activities that had their effect.
CREATE TABLE handled (
    activity TEXT NOT NULL PRIMARY KEY,
    time BIGINT NOT NULL
);
CREATE INDEX handled_by_time ON handled (time);

-- Hashes of signatures seen within the replay window.
CREATE TABLE seen_signatures (
    hash TEXT NOT NULL PRIMARY KEY,
    time BIGINT NOT NULL
);
CREATE INDEX seen_signatures_by_time ON seen_signatures (time);

-- Groups of other cities that a group of ours hears. `activity` is the id of our Follow.
CREATE TABLE sisters (
    group_handle TEXT NOT NULL REFERENCES groups (handle),
    actor TEXT NOT NULL,
    activity TEXT NOT NULL,
    state TEXT NOT NULL,
    created BIGINT NOT NULL,
    PRIMARY KEY (group_handle, actor)
);
CREATE INDEX sisters_by_actor ON sisters (actor);

-- What sister groups said: the latest version of each.
CREATE TABLE elsewhere (
    uri TEXT NOT NULL PRIMARY KEY,
    actor TEXT NOT NULL,
    kind TEXT NOT NULL,
    title TEXT,
    content TEXT NOT NULL,
    url TEXT NOT NULL,
    in_reply_to TEXT,
    language TEXT,
    starts BIGINT,
    ends BIGINT,
    zone TEXT,
    place TEXT,
    cancelled BOOLEAN NOT NULL,
    published BIGINT NOT NULL,
    updated BIGINT,
    received BIGINT NOT NULL
);
CREATE INDEX elsewhere_of_actor ON elsewhere (actor, published);
