CREATE INDEX meetings_by_start ON meetings (starts);
DROP INDEX meetings_by_change;
DROP INDEX meetings_in_order;
DROP INDEX activities_public;
