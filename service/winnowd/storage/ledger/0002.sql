-- How many records in a row of an arrival, up to its last decided one, had nothing to judge; -1: it does not matter.
ALTER TABLE arrival ADD COLUMN barren INTEGER NOT NULL DEFAULT 0;
