/**
 * The store's schema, one string per version, applied in order inside one transaction. A released migration never
 * changes; a change is a new one.
 */
export const migrations: readonly string[] = [
  `
  -- A finished step of a study's plan, named by the hash of its code version, parameters and inputs.
  CREATE TABLE steps (
    key TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    label TEXT NOT NULL,
    inputs TEXT NOT NULL,      -- JSON: what the key is a hash of
    provenance TEXT NOT NULL,  -- JSON: versions, provider, notes (not part of the key)
    seconds REAL NOT NULL,
    work REAL NOT NULL,        -- the work estimate the step ran with, for later estimates
    created INTEGER NOT NULL   -- milliseconds since the epoch
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE arrays (
    id INTEGER PRIMARY KEY,
    step TEXT NOT NULL REFERENCES steps (key) ON DELETE CASCADE,
    name TEXT NOT NULL,
    dtype TEXT NOT NULL,
    shape TEXT NOT NULL,       -- JSON array of integers
    bytes INTEGER NOT NULL,
    UNIQUE (step, name)
  ) STRICT;

  -- Arrays are cut in chunks so that none meets SQLite's limit on a value and reads need not hold all of it twice.
  CREATE TABLE chunks (
    array INTEGER NOT NULL REFERENCES arrays (id) ON DELETE CASCADE,
    part INTEGER NOT NULL,
    crc INTEGER NOT NULL,
    data BLOB NOT NULL,
    PRIMARY KEY (array, part)
  ) STRICT;

  -- Hashes of input files, so that an unchanged file is not read again to know what it is.
  CREATE TABLE files (
    path TEXT PRIMARY KEY,
    size INTEGER NOT NULL,
    mtime REAL NOT NULL,
    sha256 TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  `,
  `
  -- What an interrupted step has finished: some of its targets each, kept until the step is stored whole.
  CREATE TABLE parts (
    step TEXT NOT NULL,        -- the step's key
    place INTEGER NOT NULL,    -- which of its targets (pipeline/stripes.ts)
    name TEXT NOT NULL,
    dtype TEXT NOT NULL,
    shape TEXT NOT NULL,       -- JSON array of integers
    seconds REAL NOT NULL,     -- that the part took
    crc INTEGER NOT NULL,
    data BLOB NOT NULL,
    PRIMARY KEY (step, place, name)
  ) STRICT;

  -- How fast this machine computes, for estimates before a study has steps of its own.
  CREATE TABLE machine (
    name TEXT PRIMARY KEY,     -- what was measured, on which processor
    value REAL NOT NULL
  ) STRICT, WITHOUT ROWID;

  -- Work is told in seconds from now on: older paces are in another unit.
  UPDATE steps SET work = 0;
  `,
  `
  -- What the files that a study names said of themselves, so that hundreds of them are not opened again to know it.
  CREATE TABLE known (
    name TEXT PRIMARY KEY,     -- of the file, and what is known of it
    stamp TEXT NOT NULL,       -- of the file as it was then
    value TEXT NOT NULL        -- JSON
  ) STRICT, WITHOUT ROWID;

  -- The keys alone: a plan asks which of tens of thousands are there, without reading what each is a hash of.
  CREATE INDEX stepKeys ON steps (key);
  `,
]
