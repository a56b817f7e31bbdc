-- The longer paragraphs of each article, by hash: what stands word for word in several articles of the corpus is no copy
-- (docs/design/originality.md, "What counts for nothing"). Of articles from before nothing is known. In the order of
-- articles, so that new rows come at its end and an erase finds them.
CREATE TABLE paragraph (
    number INTEGER NOT NULL REFERENCES decision (number), hash INTEGER NOT NULL, PRIMARY KEY (number, hash)
) WITHOUT ROWID;
CREATE INDEX paragraph_hash ON paragraph (hash);
