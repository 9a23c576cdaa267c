-- Of which server an account is that answered, as a fingerprint: so that what a blocked one answered goes.
ALTER TABLE answers ADD COLUMN host TEXT;
