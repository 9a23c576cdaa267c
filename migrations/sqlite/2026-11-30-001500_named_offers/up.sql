-- To whom an offer was made, as it was typed: whether anybody has that name shows nowhere.
ALTER TABLE proposals ADD COLUMN named TEXT;
