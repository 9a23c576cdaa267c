-- Whose welcome it was is not kept, and neither is the role: where one alone holds it, that is their name.
UPDATE deeds SET role = 'unsaid' WHERE kind = 'welcomed';
