ALTER TABLE replies DROP COLUMN kept;
ALTER TABLE replies DROP COLUMN attached;
