DROP TABLE outside_changes;
