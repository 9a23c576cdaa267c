DROP TABLE passkeys;
DROP TABLE ways_in;
DROP TABLE recovery_codes;
ALTER TABLE members DROP COLUMN used;
