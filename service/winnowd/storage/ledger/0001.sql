-- The ledger, version 1. Times are ISO 8601 UTC text; paths are relative to the instance folder.

CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);

-- How fingerprints are made; rows of another recipe must never be compared (originality/signature.py).
CREATE TABLE recipe (
    id TEXT PRIMARY KEY, scheme TEXT NOT NULL, seed INTEGER NOT NULL, num_perm INTEGER NOT NULL, bands INTEGER NOT NULL,
    rows INTEGER NOT NULL, shingle_words INTEGER NOT NULL, fold TEXT NOT NULL, word_hash TEXT NOT NULL,
    "table" TEXT NOT NULL, permutations BLOB NOT NULL, datasketch TEXT NOT NULL, made_at TEXT NOT NULL
);

-- Every configuration that ever decided, whole.
CREATE TABLE config (sha256 TEXT PRIMARY KEY, settings TEXT NOT NULL, used_at TEXT NOT NULL);

-- One file taken from the inbox. state: claimed (in state/work, or about to be), recorded (all its records are decided,
-- what follows is only carried out), done. home: where its original goes. closed: why no decision came of it.
CREATE TABLE arrival (
    number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, feed TEXT NOT NULL, path BLOB NOT NULL, dev TEXT NOT NULL,
    ino TEXT NOT NULL, size INTEGER NOT NULL, mtime_ns INTEGER NOT NULL, seen_at TEXT NOT NULL, claimed_at TEXT NOT NULL,
    state TEXT NOT NULL, tries INTEGER NOT NULL, records_done INTEGER NOT NULL, home TEXT, closed TEXT
);
CREATE INDEX arrival_open ON arrival (number) WHERE state <> 'done';

-- One decision for each record. standing, text_sha256: only of records that gave an article (docs/design/originality.md).
CREATE TABLE decision (
    number INTEGER PRIMARY KEY, name TEXT NOT NULL, arrival INTEGER NOT NULL REFERENCES arrival (number),
    record INTEGER NOT NULL, text_sha256 TEXT, outcome TEXT NOT NULL, standing TEXT, root INTEGER, codes TEXT NOT NULL,
    home TEXT NOT NULL UNIQUE, sequence INTEGER NOT NULL UNIQUE, decided_at TEXT NOT NULL, UNIQUE (arrival, record)
);
CREATE INDEX decision_name ON decision (name);
CREATE UNIQUE INDEX decision_admitted ON decision (text_sha256) WHERE standing = 'admitted';

-- The fingerprint: what a start reads of all articles, and apart from it what only a comparison reads.
CREATE TABLE signature (
    number INTEGER PRIMARY KEY REFERENCES decision (number), recipe TEXT NOT NULL, raw_digest BLOB NOT NULL,
    word_digest BLOB NOT NULL, minima BLOB, keys BLOB NOT NULL, words INTEGER NOT NULL, language TEXT NOT NULL,
    publisher TEXT NOT NULL, published INTEGER, seeded INTEGER NOT NULL, integrity REAL NOT NULL, host TEXT NOT NULL,
    stated INTEGER NOT NULL
);
CREATE TABLE body (
    number INTEGER PRIMARY KEY REFERENCES decision (number), shingles BLOB NOT NULL, sketch BLOB
);
CREATE TABLE relation (
    number INTEGER NOT NULL, twin INTEGER NOT NULL, code TEXT NOT NULL, grade TEXT NOT NULL, value REAL NOT NULL,
    standing TEXT NOT NULL, note TEXT NOT NULL, PRIMARY KEY (number, twin, code)
);

-- The cleaned texts of articles that are not in seeds/, packed with zlib, and the index rows they would have (JSON):
-- evidence quotes the text, a release needs both.
CREATE TABLE held_text (
    number INTEGER PRIMARY KEY REFERENCES decision (number), text BLOB NOT NULL, line TEXT NOT NULL
);

-- What must still become of files: written (content), moved here (source), or removed (neither). It follows from what
-- is recorded, and is struck off once it is done and on disk.
CREATE TABLE effect (path TEXT PRIMARY KEY, content BLOB, source TEXT);

-- The audit log's lines as fixed in the transaction that made them true. line is dropped once its day is sealed.
CREATE TABLE outbox (
    sequence INTEGER PRIMARY KEY, day TEXT NOT NULL, start INTEGER NOT NULL, size INTEGER NOT NULL,
    sha256 TEXT NOT NULL, line BLOB
);
CREATE INDEX outbox_day ON outbox (day, sequence);

-- Index rows of the corpus, and the pages they stand on; dirty: the files on disk are behind.
CREATE TABLE page_row (
    number INTEGER PRIMARY KEY REFERENCES decision (number), page TEXT NOT NULL, line TEXT NOT NULL
);
CREATE INDEX page_row_page ON page_row (page, number);
CREATE TABLE page (
    page TEXT PRIMARY KEY, placed INTEGER NOT NULL, articles INTEGER NOT NULL, words INTEGER NOT NULL,
    bytes INTEGER NOT NULL, first_published TEXT, last_published TEXT, sha256 TEXT NOT NULL, dirty INTEGER NOT NULL
);
CREATE TABLE tombstone (sequence INTEGER PRIMARY KEY, id TEXT NOT NULL, action TEXT NOT NULL, at TEXT NOT NULL);
CREATE TABLE refused (day TEXT NOT NULL, code TEXT NOT NULL, articles INTEGER NOT NULL, PRIMARY KEY (day, code));

-- People's orders that were carried out: what was changed, and how it stood before, so that restore can undo it.
CREATE TABLE done_order (
    sequence INTEGER PRIMARY KEY, id TEXT NOT NULL, action TEXT NOT NULL, number INTEGER NOT NULL, before TEXT NOT NULL,
    at TEXT NOT NULL, UNIQUE (id, number)
);
CREATE INDEX done_order_number ON done_order (number, sequence);

-- Running sums, so that no status has to count rows.
CREATE TABLE total (name TEXT PRIMARY KEY, n INTEGER NOT NULL);
