-- What replaying migrations/ gives; compared by tests/unit/store. Regenerate: BERTH_WRITE_SCHEMA=firmware/store/schema.sql build/dev/bin/store_test --gtest_filter=Schema.*

CREATE TABLE addresses (
  pool_id   TEXT NOT NULL REFERENCES pools (id),
  address   INTEGER NOT NULL CHECK (address BETWEEN 0 AND 4294967295),
  server_id TEXT REFERENCES servers (id),
  PRIMARY KEY (pool_id, address)
) STRICT, WITHOUT ROWID;

CREATE TABLE console_tickets (
  sha256     TEXT NOT NULL PRIMARY KEY,
  node_id    TEXT NOT NULL REFERENCES nodes (id),
  tenant_id  TEXT NOT NULL REFERENCES tenants (id),
  server_id  TEXT NOT NULL REFERENCES servers (id) ON DELETE CASCADE,
  user_id    TEXT REFERENCES users (id) ON DELETE CASCADE,
  session_id TEXT,
  kind       TEXT NOT NULL CHECK (kind IN ('serial', 'vnc')),
  expires_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE events (
  seq       INTEGER PRIMARY KEY AUTOINCREMENT,
  type      TEXT NOT NULL,
  at_ms     INTEGER NOT NULL,
  actor     TEXT NOT NULL,
  node_id   TEXT NOT NULL REFERENCES nodes (id),
  subject   TEXT NOT NULL,
  tenant_id TEXT,
  user_id   TEXT,
  server_id TEXT,
  job_id    TEXT,
  text      TEXT NOT NULL CHECK (length(text) > 0)
) STRICT;

CREATE TABLE idempotency (
  caller      TEXT NOT NULL,
  route       TEXT NOT NULL,
  key         TEXT NOT NULL,
  body_sha256 TEXT NOT NULL,
  status      INTEGER NOT NULL DEFAULT 0,
  location    TEXT NOT NULL DEFAULT '',
  body        TEXT NOT NULL DEFAULT '',
  created_ms  INTEGER NOT NULL,
  PRIMARY KEY (caller, route, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE images (
  id               TEXT NOT NULL PRIMARY KEY,
  node_id          TEXT NOT NULL REFERENCES nodes (id),
  name             TEXT NOT NULL,
  title            TEXT NOT NULL,
  kind             TEXT NOT NULL CHECK (kind IN ('vm', 'container')),
  os               TEXT NOT NULL,
  version          TEXT NOT NULL,
  format           TEXT NOT NULL CHECK (format IN ('qcow2', 'oci_archive')),
  sha256           TEXT NOT NULL CHECK (length(sha256) = 64),
  source           TEXT NOT NULL,
  size_bytes       INTEGER NOT NULL CHECK (size_bytes >= 0),
  min_disk_bytes   INTEGER NOT NULL CHECK (min_disk_bytes >= 0),
  min_memory_bytes INTEGER NOT NULL CHECK (min_memory_bytes >= 0),
  login            TEXT NOT NULL,
  state            TEXT NOT NULL CHECK (state IN ('importing', 'ready', 'failed')),
  state_reason     TEXT NOT NULL DEFAULT '',
  superseded       INTEGER NOT NULL DEFAULT 0 CHECK (superseded IN (0, 1)),  -- a newer build has the name; servers still rest on this one
  created_ms       INTEGER NOT NULL
, state_ms INTEGER NOT NULL DEFAULT 0) STRICT;

CREATE TABLE job_log (
  job_id TEXT NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
  seq    INTEGER NOT NULL CHECK (seq > 0),
  at_ms  INTEGER NOT NULL,
  text   TEXT NOT NULL,
  PRIMARY KEY (job_id, seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE job_steps (
  job_id      TEXT NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
  position    INTEGER NOT NULL CHECK (position >= 0),
  name        TEXT NOT NULL,
  state       TEXT NOT NULL CHECK (state IN ('pending', 'running', 'done', 'failed', 'undone', 'skipped')),
  started_ms  INTEGER,
  finished_ms INTEGER,
  PRIMARY KEY (job_id, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE jobs (
  id               TEXT NOT NULL PRIMARY KEY,
  node_id          TEXT NOT NULL REFERENCES nodes (id),
  type             TEXT NOT NULL,
  title            TEXT NOT NULL,
  actor            TEXT NOT NULL,
  tenant_id        TEXT REFERENCES tenants (id),
  server_id        TEXT,
  payload          TEXT NOT NULL CHECK (json_valid(payload)),
  state            TEXT NOT NULL CHECK (state IN ('queued', 'running', 'succeeded', 'failed', 'undoing', 'undone', 'cancelled')),
  step             INTEGER NOT NULL DEFAULT 0 CHECK (step >= 0),
  attempt          INTEGER NOT NULL DEFAULT 1 CHECK (attempt > 0),
  cancel_requested INTEGER NOT NULL DEFAULT 0 CHECK (cancel_requested IN (0, 1)),
  error_slug       TEXT NOT NULL DEFAULT '',
  error_message    TEXT NOT NULL DEFAULT '',
  deadline_ms      INTEGER,
  created_ms       INTEGER NOT NULL,
  started_ms       INTEGER,
  finished_ms      INTEGER
, percent INTEGER NOT NULL DEFAULT 0 CHECK (percent BETWEEN 0 AND 100), activity TEXT NOT NULL DEFAULT '') STRICT;

CREATE TABLE machine_observations (
  node_id     TEXT NOT NULL PRIMARY KEY REFERENCES nodes (id) ON DELETE CASCADE,
  observed_ms INTEGER NOT NULL,
  seen        TEXT NOT NULL CHECK (json_valid(seen))
) STRICT, WITHOUT ROWID;

CREATE TABLE members (
  tenant_id TEXT NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
  user_id   TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  role      TEXT NOT NULL CHECK (role IN ('owner', 'admin', 'support', 'member')),
  PRIMARY KEY (tenant_id, user_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE migrations (number INTEGER NOT NULL PRIMARY KEY, name TEXT NOT NULL, sha256 TEXT NOT NULL) STRICT;

CREATE TABLE nodes (
  id             TEXT NOT NULL PRIMARY KEY,
  name           TEXT NOT NULL UNIQUE,
  boot_id        TEXT NOT NULL DEFAULT '',  -- of the last boot whose servers were started again
  engine_ok      INTEGER NOT NULL DEFAULT 0 CHECK (engine_ok IN (0, 1)),
  engine_problem TEXT NOT NULL DEFAULT '',
  answered_ms    INTEGER,
  facts          TEXT CHECK (facts IS NULL OR json_valid(facts))
) STRICT;

CREATE TABLE peer_group_members (
  server_id TEXT NOT NULL PRIMARY KEY,
  tenant_id TEXT NOT NULL,
  group_id  INTEGER,
  before_id INTEGER,
  CHECK (group_id IS NOT NULL OR before_id IS NOT NULL),
  FOREIGN KEY (server_id, tenant_id) REFERENCES servers (id, tenant_id) ON DELETE CASCADE,
  FOREIGN KEY (group_id, tenant_id) REFERENCES peer_groups (id, tenant_id),
  FOREIGN KEY (before_id, tenant_id) REFERENCES peer_groups (id, tenant_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE peer_groups (
  id        INTEGER PRIMARY KEY AUTOINCREMENT CHECK (id BETWEEN 1 AND 2147483647),
  tenant_id TEXT NOT NULL REFERENCES tenants (id),
  name      TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 63),
  UNIQUE (tenant_id, name),
  UNIQUE (id, tenant_id)
) STRICT;

CREATE TABLE plans (
  id           TEXT NOT NULL PRIMARY KEY,
  name         TEXT NOT NULL UNIQUE,
  kind         TEXT CHECK (kind IN ('vm', 'container')),  -- NULL: both
  vcpus        INTEGER NOT NULL CHECK (vcpus BETWEEN 1 AND 512),
  memory_bytes INTEGER NOT NULL CHECK (memory_bytes BETWEEN 4194304 AND 70368744177664),
  disk_bytes   INTEGER NOT NULL CHECK (disk_bytes BETWEEN 16777216 AND 70368744177664)
) STRICT;

CREATE TABLE pools (
  id      TEXT NOT NULL PRIMARY KEY,
  node_id TEXT NOT NULL REFERENCES nodes (id),
  name    TEXT NOT NULL UNIQUE,
  network INTEGER NOT NULL CHECK (network BETWEEN 0 AND 4294967295),
  prefix  INTEGER NOT NULL CHECK (prefix BETWEEN 8 AND 30),
  gateway INTEGER NOT NULL CHECK (gateway BETWEEN 0 AND 4294967295),
  dns     TEXT NOT NULL CHECK (json_valid(dns)),
  nat     INTEGER NOT NULL CHECK (nat IN (0, 1)),
  UNIQUE (node_id, network)
) STRICT;

CREATE TABLE server_states (
  server_id    TEXT NOT NULL PRIMARY KEY REFERENCES servers (id) ON DELETE CASCADE,
  state        TEXT NOT NULL CHECK (state IN ('unknown', 'absent', 'stopped', 'starting', 'running', 'paused', 'stopping', 'crashed')),
  reason       TEXT NOT NULL,
  observed_ms  INTEGER,
  cpu_ns       INTEGER NOT NULL,
  rx_bytes     INTEGER NOT NULL,
  tx_bytes     INTEGER NOT NULL,
  memory_bytes INTEGER NOT NULL,
  disk_bytes   INTEGER NOT NULL,
  raw_cpu_ns   INTEGER NOT NULL,
  raw_rx_bytes INTEGER NOT NULL,
  raw_tx_bytes INTEGER NOT NULL,
  drift        TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE servers (
  id            TEXT NOT NULL PRIMARY KEY,
  tenant_id     TEXT NOT NULL REFERENCES tenants (id),
  node_id       TEXT NOT NULL REFERENCES nodes (id),
  name          TEXT NOT NULL,
  hostname      TEXT NOT NULL,
  kind          TEXT NOT NULL CHECK (kind IN ('vm', 'container')),
  image_id      TEXT NOT NULL REFERENCES images (id),
  plan_id       TEXT NOT NULL REFERENCES plans (id),
  vcpus         INTEGER NOT NULL CHECK (vcpus BETWEEN 1 AND 512),
  memory_bytes  INTEGER NOT NULL CHECK (memory_bytes > 0),
  disk_bytes    INTEGER NOT NULL CHECK (disk_bytes > 0),
  mac           TEXT NOT NULL CHECK (length(mac) = 17),
  wanted        TEXT NOT NULL CHECK (wanted IN ('running', 'stopped', 'paused', 'deleted')),
  build         TEXT NOT NULL CHECK (build IN ('building', 'built', 'failed')),
  build_reason  TEXT NOT NULL DEFAULT '',
  ssh_keys      TEXT NOT NULL CHECK (json_valid(ssh_keys)),
  password_crypt TEXT,
  version       INTEGER NOT NULL CHECK (version > 0),
  created_ms    INTEGER NOT NULL,
  UNIQUE (tenant_id, name),
  UNIQUE (node_id, mac)
) STRICT;

CREATE TABLE sessions (
  id            TEXT NOT NULL PRIMARY KEY,
  user_id       TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  token_sha256  TEXT NOT NULL UNIQUE,
  csrf_sha256   TEXT NOT NULL,
  created_ms    INTEGER NOT NULL,
  last_seen_ms  INTEGER NOT NULL,
  idle_until_ms INTEGER NOT NULL,
  expires_ms    INTEGER NOT NULL,
  address       TEXT NOT NULL,
  user_agent    TEXT NOT NULL
) STRICT;

CREATE TABLE settings (
  key   TEXT NOT NULL PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE tenants (
  id         TEXT NOT NULL PRIMARY KEY,
  name       TEXT NOT NULL,
  house      INTEGER NOT NULL DEFAULT 0 CHECK (house IN (0, 1)),  -- the operator's own
  created_ms INTEGER NOT NULL
) STRICT;

CREATE TABLE users (
  id            TEXT NOT NULL PRIMARY KEY,
  name          TEXT NOT NULL COLLATE NOCASE UNIQUE,
  email         TEXT,
  password_hash TEXT NOT NULL,
  role          TEXT NOT NULL CHECK (role IN ('superadmin', 'member')),
  disabled      INTEGER NOT NULL DEFAULT 0 CHECK (disabled IN (0, 1)),
  created_ms    INTEGER NOT NULL
) STRICT;

CREATE UNIQUE INDEX addresses_one_a_server ON addresses (server_id) WHERE server_id IS NOT NULL;

CREATE INDEX console_tickets_of_server ON console_tickets (server_id);

CREATE INDEX idempotency_by_age ON idempotency (created_ms);

CREATE UNIQUE INDEX images_name ON images (node_id, name) WHERE superseded = 0;

CREATE INDEX jobs_finished ON jobs (finished_ms) WHERE finished_ms IS NOT NULL;

CREATE INDEX jobs_of_server ON jobs (server_id, id);

CREATE UNIQUE INDEX jobs_one_active_a_server ON jobs (server_id) WHERE state IN ('queued', 'running', 'undoing');

CREATE INDEX jobs_unfinished ON jobs (state, id) WHERE state IN ('queued', 'running', 'undoing');

CREATE INDEX members_of_user ON members (user_id);

CREATE INDEX peer_group_members_by_before ON peer_group_members (before_id, tenant_id);

CREATE INDEX peer_group_members_by_group ON peer_group_members (group_id, tenant_id);

CREATE INDEX servers_of_image ON servers (image_id);

CREATE INDEX servers_of_node ON servers (node_id);

CREATE UNIQUE INDEX servers_tenant ON servers (id, tenant_id);

CREATE INDEX sessions_of_user ON sessions (user_id);

CREATE UNIQUE INDEX tenants_one_house ON tenants (house) WHERE house = 1;
