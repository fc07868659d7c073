-- What the machine itself said last (firmware/jobs/machine_observation.hpp says the shape).
CREATE TABLE machine_observations (
  node_id     TEXT NOT NULL PRIMARY KEY REFERENCES nodes (id) ON DELETE CASCADE,
  observed_ms INTEGER NOT NULL,
  seen        TEXT NOT NULL CHECK (json_valid(seen))
) STRICT, WITHOUT ROWID;

-- How far the step has come that is under way, where it can tell, and what it is doing.
ALTER TABLE jobs ADD COLUMN percent INTEGER NOT NULL DEFAULT 0 CHECK (percent BETWEEN 0 AND 100);
ALTER TABLE jobs ADD COLUMN activity TEXT NOT NULL DEFAULT '';
