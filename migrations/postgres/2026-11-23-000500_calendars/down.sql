DROP INDEX meetings_by_change;
DROP INDEX activities_public;
