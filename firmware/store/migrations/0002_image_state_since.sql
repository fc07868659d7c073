-- Since when an image is in its state: what became ready after the engine was asked for its images is not missing there.
ALTER TABLE images ADD COLUMN state_ms INTEGER NOT NULL DEFAULT 0;
