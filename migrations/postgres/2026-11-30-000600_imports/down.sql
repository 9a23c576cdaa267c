DROP TABLE import_looks;
DROP TABLE watched;
DROP TABLE imports;
