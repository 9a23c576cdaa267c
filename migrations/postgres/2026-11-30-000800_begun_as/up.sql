-- The meeting that was made a series: calendars that have it know the series by the id of that meeting.
ALTER TABLE series ADD COLUMN begun_as TEXT;
