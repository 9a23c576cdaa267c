-- What becomes of what a sister says: it is shown, somebody decides, or it is passed on. When what it said before is to be read,
-- and how often that was tried.
ALTER TABLE sisters ADD COLUMN policy TEXT NOT NULL DEFAULT 'ask';
ALTER TABLE sisters ADD COLUMN backfill BIGINT;
ALTER TABLE sisters ADD COLUMN tries BIGINT NOT NULL DEFAULT 0;

-- How many there stand behind it, if it is urgent; and who may pass it on: nobody, where that is empty.
ALTER TABLE elsewhere ADD COLUMN urgent BIGINT;
ALTER TABLE elsewhere ADD COLUMN passing TEXT NOT NULL DEFAULT '';
CREATE INDEX elsewhere_by_time ON elsewhere (published);

-- Until when its meetings are laid out.
ALTER TABLE rhythms ADD COLUMN laid BIGINT NOT NULL DEFAULT 0;

-- What a group has to decide, or decided, about something that a sister said.
CREATE TABLE sister_news (
    group_handle TEXT NOT NULL,
    uri TEXT NOT NULL,
    author TEXT NOT NULL,
    -- of whom the group heard it
    sister TEXT NOT NULL,
    state TEXT NOT NULL,
    -- our Announce
    announce TEXT,
    since BIGINT NOT NULL,
    PRIMARY KEY (group_handle, uri)
);
CREATE INDEX sister_news_by_uri ON sister_news (uri);

-- Meetings of other cities as they stand in our agenda: those we were told of, and those of series, one by one.
CREATE TABLE meetings_elsewhere (
    uri TEXT NOT NULL,
    starts BIGINT NOT NULL,
    ends BIGINT NOT NULL,
    actor TEXT NOT NULL,
    series TEXT,
    title TEXT NOT NULL,
    language TEXT,
    place TEXT,
    zone TEXT,
    url TEXT NOT NULL,
    cancelled BOOLEAN NOT NULL,
    moved BOOLEAN NOT NULL,
    PRIMARY KEY (uri, starts)
);
CREATE INDEX meetings_elsewhere_by_time ON meetings_elsewhere (starts);
CREATE INDEX meetings_elsewhere_of_actor ON meetings_elsewhere (actor);
INSERT INTO meetings_elsewhere
    SELECT uri, starts, COALESCE(ends, starts + 3600000000), actor, NULL, COALESCE(title, url), language, place, zone, url, cancelled, FALSE
    FROM elsewhere WHERE kind = 'Event' AND starts IS NOT NULL;

-- Who said that an announcement is urgent, until a second one said so too.
CREATE TABLE alarms (
    note TEXT NOT NULL PRIMARY KEY,
    member TEXT,
    confirmed BOOLEAN NOT NULL,
    raised BIGINT NOT NULL
);
