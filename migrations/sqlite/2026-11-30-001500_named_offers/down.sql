ALTER TABLE proposals DROP COLUMN named;
