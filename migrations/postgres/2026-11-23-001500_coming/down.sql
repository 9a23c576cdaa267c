DROP TABLE suggestions;
DROP TABLE answers;
DROP TABLE coming;
