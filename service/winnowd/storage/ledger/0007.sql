-- Version 7. By what the sketch of a text was weighed: the table of English words, which is all there was before, or the
-- letters of a language without a table. Only sketches of one lexicon are compared.
ALTER TABLE signature ADD COLUMN lexicon TEXT NOT NULL DEFAULT 'en-table-1';
