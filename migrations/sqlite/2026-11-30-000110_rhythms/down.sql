DROP TABLE rhythms;
