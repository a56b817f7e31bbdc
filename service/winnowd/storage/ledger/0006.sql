-- Version 6. What waits for a person, oldest first, without reading what does not.
CREATE INDEX decision_waiting ON decision (number, outcome, codes, decided_at, arrival, record)
WHERE outcome = 'quarantined';

-- Why a record was held (JSON): the first finding of its event, and the article that it is like, as the log has them: a
-- list of many needs them at once, and they may lie in as many packed days. Of records from before, whose line is not
-- kept here any more, only the codes are known.
CREATE TABLE held_reason (number INTEGER PRIMARY KEY REFERENCES decision (number), reason TEXT NOT NULL);
INSERT INTO held_reason
SELECT d.number, json_object('finding', json_extract(CAST(x.line AS TEXT), '$.winnowd.findings[0]'),
                             'nearest', json_extract(CAST(x.line AS TEXT), '$.winnowd.nearest'))
FROM decision d JOIN outbox x ON x.sequence = d.sequence
WHERE d.outcome = 'quarantined' AND x.line IS NOT NULL AND json_valid(CAST(x.line AS TEXT));
