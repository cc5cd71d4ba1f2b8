-- The database of a run, format version 1. Steps are those of log calls; times are microseconds since the epoch, UTC.

CREATE TABLE checkpoint (        -- one row: how far the journal is sealed into this folder
  one         INTEGER PRIMARY KEY CHECK (one = 1),
  position    INTEGER NOT NULL,  -- journal records sealed; reading goes on here
  step        INTEGER NOT NULL,  -- the step that the next log call takes
  global_step INTEGER NOT NULL,  -- the current global step
  time        INTEGER NOT NULL,  -- the latest time of any record sealed, 0 where there is none
  gaps        INTEGER NOT NULL,  -- how many rows the table gap has
  rows_lost   INTEGER NOT NULL   -- how many log calls they stand for
);

CREATE TABLE run (               -- one row: what is known of the run besides its series
  one         INTEGER PRIMARY KEY CHECK (one = 1),
  id          TEXT,
  name        TEXT,
  project     TEXT,
  status      TEXT,
  created     TEXT,              -- ISO 8601
  finished    TEXT,              -- ISO 8601, NULL while it runs or where it died
  notes       TEXT,
  error       TEXT,              -- why it failed
  document    TEXT NOT NULL      -- all of it, as one JSON object; the other columns, config, environment, tag and tables are taken from here
);

CREATE TABLE config (            -- the configuration, one row for each value in it, in its order
  ordinal     INTEGER PRIMARY KEY,
  path        TEXT NOT NULL,     -- keys from the outside in, joined with '/'
  type        TEXT NOT NULL,     -- number, string, boolean, null, array, or object (an empty one)
  value       TEXT NOT NULL,     -- as JSON; arrays are not taken apart
  number,                        -- INTEGER or REAL of a number, 0 or 1 of a boolean, else NULL
  text        TEXT               -- a string, else NULL
);
CREATE INDEX config_path ON config (path);

CREATE TABLE environment (       -- what the latest attempt ran on, in the same form
  ordinal     INTEGER PRIMARY KEY,
  path        TEXT NOT NULL,
  type        TEXT NOT NULL,
  value       TEXT NOT NULL,
  number,
  text        TEXT
);
CREATE INDEX environment_path ON environment (path);

CREATE TABLE tag (
  ordinal     INTEGER PRIMARY KEY,
  tag         TEXT NOT NULL
);

CREATE TABLE tables (            -- the columns of each table that was logged
  name        TEXT NOT NULL,     -- series.name
  ordinal     INTEGER NOT NULL,  -- 0 and up
  column_name TEXT NOT NULL,
  type        TEXT NOT NULL,     -- text, number, integer, boolean, time or media
  field       TEXT NOT NULL,     -- what the column is called in the dataset
  PRIMARY KEY (name, ordinal)
) WITHOUT ROWID;

CREATE TABLE series (            -- one row for each name that was logged
  id          INTEGER PRIMARY KEY,        -- 0 and up, in order of first use
  name        TEXT NOT NULL UNIQUE,
  kind        TEXT NOT NULL,     -- float64, int64, bool, string, histogram_i32, histogram_u8, media or table
  folder      TEXT NOT NULL,     -- its dataset is <folder>.lance in data/metrics, data/histograms or data/tables; media have none
  generation  INTEGER NOT NULL,  -- how often the dataset was written anew
  version     INTEGER NOT NULL,  -- the version of the dataset that holds these rows; 0: none yet
  rows        INTEGER NOT NULL,  -- what counts are the first so many rows of that version
  checkpoint  INTEGER NOT NULL,  -- the journal position of the commit that last changed this row
  first_step  INTEGER,           -- the least step; NULL where there are no rows
  last_step   INTEGER,           -- the greatest step
  last,                          -- the last value logged: REAL, INTEGER (also 0 and 1 for bool) or TEXT; NULL for NaN
  step_of_last INTEGER,
  min,                           -- the least value; NaN is left out, infinities are not; NULL for strings
  step_of_min INTEGER,           -- where it was first reached
  max,                           -- the greatest value
  step_of_max INTEGER,
  sum,                           -- of the finite values; NULL for strings
  mean        REAL,              -- of the finite values; NULL where there are none
  nan_count   INTEGER NOT NULL,
  infinity_count INTEGER NOT NULL,
  tail        BLOB               -- the tile of the last rows % 1024 rows, 128 bytes; NULL where there are none
);

CREATE TABLE tile (              -- summaries of stretches of rows, 128 bytes each, for drawing curves
  series      INTEGER NOT NULL,  -- series.id
  level       INTEGER NOT NULL,  -- 0: a tile is 1024 rows; 1: a tile is 1024 tiles of level 0
  first       INTEGER NOT NULL,  -- the number of the first tile here
  count       INTEGER NOT NULL,  -- 1024 from a multiple of 1024 on; while those grow, 1 to 32 from a multiple of 32 on
  tiles       BLOB NOT NULL,     -- count times 128 bytes
  PRIMARY KEY (series, level, first)
) WITHOUT ROWID;

CREATE TABLE file (              -- every file that was committed
  path        TEXT PRIMARY KEY,  -- relative to the run folder, with '/'
  length      INTEGER NOT NULL,  -- in bytes
  digest      TEXT NOT NULL      -- algorithm:hexadecimal
) WITHOUT ROWID;

CREATE TABLE media (             -- images, audio, video, long texts and other files that were logged, in that order
  id          INTEGER PRIMARY KEY,
  series      INTEGER NOT NULL,  -- series.id; what stands in a table's cell is an entry of the series <table>/<column>
  step        INTEGER NOT NULL,
  global_step INTEGER NOT NULL,
  time        INTEGER NOT NULL,
  type        TEXT NOT NULL,     -- the media type: image/png, say
  extension   TEXT NOT NULL,
  caption     TEXT NOT NULL,     -- may be empty
  name        TEXT NOT NULL,     -- what the file was called where it came from, or empty
  path        TEXT,              -- relative to the run folder; entries of the same content share it; NULL where there is an error
  digest      TEXT NOT NULL,     -- SHA-256 of the file, hexadecimal; empty where there is an error
  length      INTEGER NOT NULL,  -- in bytes
  width       INTEGER NOT NULL,  -- in pixels; 0 where it is not known or makes no sense, as for all that follow
  height      INTEGER NOT NULL,
  channels    INTEGER NOT NULL,
  sample_rate INTEGER NOT NULL,
  seconds     REAL NOT NULL,
  error       TEXT               -- why there is no file
);
CREATE INDEX media_series ON media (series, step);
CREATE INDEX media_digest ON media (digest);

CREATE TABLE step_info (         -- which rows were logged under which global step
  global_step INTEGER PRIMARY KEY,
  first_step  INTEGER NOT NULL,  -- the least step
  last_step   INTEGER NOT NULL,  -- the greatest step
  first_time  INTEGER NOT NULL,
  last_time   INTEGER NOT NULL,
  rows        INTEGER NOT NULL   -- log calls
);

CREATE TABLE gap (               -- log calls that were dropped: the queue was full, or the disk could not be written
  ordinal     INTEGER PRIMARY KEY,
  rows        INTEGER NOT NULL,
  first_time  INTEGER NOT NULL,
  last_time   INTEGER NOT NULL
);

-- For a look with the sqlite3 shell: every metric and its best values.
CREATE VIEW metric AS
  SELECT name, kind, rows, last, min, step_of_min, max, step_of_max, mean, nan_count, first_step, last_step
  FROM series WHERE kind IN ('float64', 'int64', 'bool', 'string') ORDER BY name;

-- Media beside the global step that they were logged under.
CREATE VIEW media_step AS
  SELECT s.name AS series, m.step, m.global_step, m.time, m.type, m.caption, m.path, m.error,
         i.first_step, i.last_step, i.first_time, i.last_time
  FROM media m JOIN series s ON s.id = m.series LEFT JOIN step_info i ON i.global_step = m.global_step
  ORDER BY m.id;
