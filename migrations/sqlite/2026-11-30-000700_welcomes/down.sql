-- What was forgotten stays forgotten; programs of before know this role.
UPDATE deeds SET role = 'member' WHERE kind = 'welcomed';
