-- What a meeting can be found by, one row each, in the order of time: '' for every meeting, '@kitchen' its group, '#soup' a
-- hashtag, '=assembly' its kind, '+online' and '+here' how to take part, '~dewey' a word of its place.
CREATE TABLE meeting_terms (
    term TEXT NOT NULL,
    starts BIGINT NOT NULL,
    meeting TEXT NOT NULL REFERENCES meetings (id),
    ends BIGINT NOT NULL,
    PRIMARY KEY (term, starts, meeting, ends)
);
CREATE INDEX meeting_terms_of_meeting ON meeting_terms (meeting);

INSERT INTO meeting_terms (term, starts, meeting, ends) SELECT '', starts, id, ends FROM meetings;
INSERT INTO meeting_terms (term, starts, meeting, ends) SELECT '@' || group_handle, starts, id, ends FROM meetings;
INSERT INTO meeting_terms (term, starts, meeting, ends) SELECT '=' || kind, starts, id, ends FROM meetings;
INSERT INTO meeting_terms (term, starts, meeting, ends)
    SELECT '+online', starts, id, ends FROM meetings WHERE online_url IS NOT NULL;
INSERT INTO meeting_terms (term, starts, meeting, ends)
    SELECT '+here', starts, id, ends FROM meetings WHERE place IS NOT NULL OR address IS NOT NULL OR latitude IS NOT NULL;
WITH RECURSIVE pieces (mark, id, starts, ends, word, rest) AS (
    SELECT '#', id, starts, ends, '', tags || ' ' FROM meetings
    UNION ALL
    SELECT '~', id, starts, ends, '',
        replace(replace(replace(lower(COALESCE(place, '') || ' ' || COALESCE(address, '')), ',', ' '), '.', ' '), '-', ' ') || ' '
        FROM meetings
    UNION ALL
    SELECT mark, id, starts, ends, substr(rest, 1, instr(rest, ' ') - 1), substr(rest, instr(rest, ' ') + 1)
        FROM pieces WHERE rest <> ''
)
INSERT INTO meeting_terms (term, starts, meeting, ends) SELECT DISTINCT mark || word, starts, id, ends FROM pieces WHERE word <> '';

CREATE INDEX announcements_urgent ON announcements (urgent, published);
