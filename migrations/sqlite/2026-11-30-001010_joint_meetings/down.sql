DROP TABLE invited;
DROP TABLE callers;
