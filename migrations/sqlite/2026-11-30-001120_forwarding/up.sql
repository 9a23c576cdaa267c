-- Replies that wait, byte for byte as they came with their author's signature inside: whoever follows the group gets them so, once
-- they are let through.
CREATE TABLE envelopes (
    uri TEXT NOT NULL,
    -- Create or Update
    kind TEXT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (uri, kind)
);
