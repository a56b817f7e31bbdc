-- A file that was changed after it was judged goes back to the inbox, and is judged again as an arrival that continues
-- the first. changed: it was, and no arrival that continues it is decided yet. continues: the arrival that this one goes
-- on with.
ALTER TABLE arrival ADD COLUMN changed INTEGER NOT NULL DEFAULT 0;
ALTER TABLE arrival ADD COLUMN continues INTEGER REFERENCES arrival (number);
CREATE INDEX arrival_changed ON arrival (path) WHERE changed = 1;
