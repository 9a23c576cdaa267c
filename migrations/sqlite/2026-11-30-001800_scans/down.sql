DROP INDEX actors_waiting;
DROP INDEX proposals_by_kind;
DROP INDEX groups_ending;
DROP INDEX organizers_paused;
