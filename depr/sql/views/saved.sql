-- What was saved under a name is of the facts that were known then: no variable of a session moves it, so while one
-- is set that would, there is no answer.

CREATE OR REPLACE VIEW restatement AS
SELECT r.* FROM restatement_saved AS r
WHERE CASE
    WHEN getvariable('as_of') IS NOT NULL THEN error('restatement holds what was saved (FROM made_from); leave out as_of '
        || '(RESET VARIABLE as_of), or ask depr restate LEDGER --as-of')::BOOLEAN
    WHEN getvariable('known_at')::TIMESTAMP < (SELECT max(b.recorded_at) FROM batches AS b)
        THEN error('restatement holds what was saved (FROM made_from); leave out known_at '
        || '(RESET VARIABLE known_at), or ask depr restate LEDGER --known-at')::BOOLEAN
    ELSE true
END;

CREATE OR REPLACE VIEW rollup AS
SELECT r.* FROM rollup_saved AS r
WHERE CASE
    WHEN getvariable('as_of') IS NOT NULL THEN error('rollup holds what was saved (FROM made_from); leave out as_of '
        || '(RESET VARIABLE as_of), or ask depr restate LEDGER --as-of')::BOOLEAN
    WHEN getvariable('known_at')::TIMESTAMP < (SELECT max(b.recorded_at) FROM batches AS b)
        THEN error('rollup holds what was saved (FROM made_from); leave out known_at '
        || '(RESET VARIABLE known_at), or ask depr restate LEDGER --known-at')::BOOLEAN
    ELSE true
END;

CREATE OR REPLACE VIEW books AS
SELECT r.* FROM books_saved AS r
WHERE CASE
    WHEN getvariable('as_of') IS NOT NULL THEN error('books holds what was saved (FROM made_from); leave out as_of '
        || '(RESET VARIABLE as_of), or ask depr restate LEDGER --as-of')::BOOLEAN
    WHEN getvariable('known_at')::TIMESTAMP < (SELECT max(b.recorded_at) FROM batches AS b)
        THEN error('books holds what was saved (FROM made_from); leave out known_at '
        || '(RESET VARIABLE known_at), or ask depr restate LEDGER --known-at')::BOOLEAN
    ELSE true
END;
