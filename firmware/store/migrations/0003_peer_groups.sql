-- Guests of one peer group may talk to each other. A group is a tenant's: the same name in two tenants is two groups.
-- AUTOINCREMENT: the engine knows groups by their number, and a number is never used again, so that a guest which the
-- engine still holds under an old number can never meet the members of another tenant's group.
CREATE TABLE peer_groups (
  id        INTEGER PRIMARY KEY AUTOINCREMENT CHECK (id BETWEEN 1 AND 2147483647),
  tenant_id TEXT NOT NULL REFERENCES tenants (id),
  name      TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 63),
  UNIQUE (tenant_id, name),
  UNIQUE (id, tenant_id)
) STRICT;

-- The foreign keys below carry the tenant, so that no statement can put a server into another tenant's group.
CREATE UNIQUE INDEX servers_tenant ON servers (id, tenant_id);

-- group_id: wanted; NULL while it is leaving. before_id: while a job changes it, what a failure goes back to.
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
CREATE INDEX peer_group_members_by_group ON peer_group_members (group_id, tenant_id);
CREATE INDEX peer_group_members_by_before ON peer_group_members (before_id, tenant_id);
