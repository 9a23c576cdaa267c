DROP TABLE pushes;
DROP TABLE notices;
