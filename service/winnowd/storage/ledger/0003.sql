-- Version 3. What people decided about a text binds later deliveries of it, until a person lifts it.
-- sequence: of the event of that order; lifted: of the event that lifted it; rebound: of the last one that undid such a
-- lifting. Digests: of an erased text only, whose other forms are known by nothing else.
CREATE TABLE binding (
    sequence INTEGER PRIMARY KEY, number INTEGER NOT NULL REFERENCES decision (number), action TEXT NOT NULL,
    person TEXT NOT NULL, text_sha256 TEXT NOT NULL, raw_digest BLOB, word_digest BLOB, lifted INTEGER,
    rebound INTEGER
);
CREATE INDEX binding_text ON binding (text_sha256);
CREATE INDEX binding_raw ON binding (raw_digest) WHERE raw_digest IS NOT NULL;
CREATE INDEX binding_words ON binding (word_digest) WHERE word_digest IS NOT NULL;
CREATE INDEX binding_lifted ON binding (lifted) WHERE lifted IS NOT NULL;

-- Orders given before: the last one on each record, if the record stands as it left it, and the text is out.
INSERT INTO binding
SELECT o.sequence, o.number, CASE d.outcome WHEN 'erased' THEN 'erase' WHEN 'retracted' THEN 'retract' ELSE 'confirm' END,
       coalesce((SELECT json_extract(CAST(x.line AS TEXT), '$.user.name') FROM outbox x
                 WHERE x.sequence = o.sequence AND x.line IS NOT NULL), ''),
       d.text_sha256, CASE d.outcome WHEN 'erased' THEN s.raw_digest END,
       CASE WHEN d.outcome = 'erased' AND s.word_digest
                 <> x'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855' THEN s.word_digest END,
       NULL, NULL
FROM done_order o JOIN decision d ON d.number = o.number LEFT JOIN signature s ON s.number = o.number
WHERE d.text_sha256 IS NOT NULL
  AND o.sequence = (SELECT max(l.sequence) FROM done_order l WHERE l.number = o.number)
  AND (d.outcome IN ('erased', 'retracted') OR (d.outcome = 'rejected' AND o.action = 'confirm'))
  AND NOT EXISTS (
      SELECT 1 FROM decision a WHERE a.text_sha256 = d.text_sha256 AND a.standing = 'admitted');

-- From now on what comes back to the corpus loses its tombstone; those of before stay, and are outdone by its row.
CREATE INDEX tombstone_id ON tombstone (id);

-- An order of many targets asks these once a target.
CREATE INDEX relation_twin ON relation (twin);
CREATE INDEX done_order_id ON done_order (id, sequence);
