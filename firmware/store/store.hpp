// The panel's database: SQLite 3 in WAL mode behind one writer and a pool of readers. Thread-safe.
//
// One connection writes and checkpoints (SQLite 3.46.1's WAL-reset race needs two that do); readers are opened
// read-only. A commit returns after fsync (synchronous=FULL) unless the caller asked for Durability::process. A failed
// write or fsync ends the process: what is on the disk after it is unknown (https://www.sqlite.org/atomiccommit.html
// section 9).
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include "firmware/base/clock.hpp"
#include "firmware/base/result.hpp"
#include "firmware/store/event_store.hpp"
#include "firmware/store/idempotency_store.hpp"
#include "firmware/store/image_store.hpp"
#include "firmware/store/job_store.hpp"
#include "firmware/store/machine_store.hpp"
#include "firmware/store/migrations.hpp"
#include "firmware/store/node_store.hpp"
#include "firmware/store/peer_group_store.hpp"
#include "firmware/store/plan_store.hpp"
#include "firmware/store/pool_store.hpp"
#include "firmware/store/server_store.hpp"
#include "firmware/store/session_store.hpp"
#include "firmware/store/setting_store.hpp"
#include "firmware/store/tenant_scope.hpp"
#include "firmware/store/tenant_store.hpp"
#include "firmware/store/ticket_store.hpp"
#include "firmware/store/transaction_scope.hpp"
#include "firmware/store/user_store.hpp"

namespace berth::store {

// Every table, once.
struct Tables {
  explicit Tables(TransactionScope& scope);
  EventStore events;
  IdempotencyStore idempotency;
  ImageStore images;
  JobStore jobs;
  MachineStore machines;
  NodeStore nodes;
  PeerGroupStore peer_groups;
  PlanStore plans;
  PoolStore pools;
  ServerStore servers;
  SessionStore sessions;
  SettingStore settings;
  TenantStore tenants;
  TicketStore tickets;
  UserStore users;
};

// A consistent view of the past moment at which it was opened. What readers are given is const (Store::read), and only
// what is const can be called on its tables: reading.
using Snapshot = Tables const;

// The one write that is under way.
struct Transaction : Tables {
  explicit Transaction(TransactionScope& s) : Tables(s), scope(&s) {}
  Moment now() const { return scope->author.now; }
  std::string const& actor() const { return scope->author.actor; }

  TransactionScope* scope;
};

enum class Durability {
  power,    // survives a power cut: fsync before write() returns
  process,  // survives kill -9; a power cut may take it back together with everything after it. For journal rows whose
            // loss only repeats idempotent steps
};

// What a release makes of a database.
struct Migrations {
  std::vector<Migration> steps = embedded_migrations();
  std::string schema{committed_schema()};  // what they give
};

struct StoreOptions {
  std::filesystem::path file;  // its folder must exist; made 0600 when absent
  std::size_t readers = 4;
  Migrations migrations = {};
};

class Store {
 public:
  // Opens or makes the database, checks it (quick_check, foreign keys, schema as committed) and brings it up to date. Before a
  // newer release changes it, it is copied; the older release that comes back goes on with that copy (older_copy.hpp).
  // Errors: corrupt ("database-damaged", says where the last good copy is), conflict ("database-newer",
  // "database-in-use"), io.
  static Result<std::unique_ptr<Store>> open(StoreOptions const& options);
  // Puts the last good copy in the place of a damaged database, which is kept beside it as "<file>.damaged-<time>".
  // Errors: not_found (no copy), corrupt (the copy is damaged too).
  static Result<void> restore_good_copy(std::filesystem::path const& file, Moment now);
  // The copies that an older release would go on with: of no use once this one is found to work.
  static void forget_copies(std::filesystem::path const& file);
  struct Parts;
  explicit Store(std::unique_ptr<Parts> parts);  // by open()
  ~Store();

  // f(Transaction&) -> Result<T>. Commits when it returns a value, rolls back on an error; one at a time.
  // f must not call back into the store, and must not block on anything else. On a full disk it is called once more
  // (store/ballast.hpp): what it captured must be as it was until it returns a value.
  template <class F>
  auto write(Author author, F&& f, Durability durability = Durability::power) -> std::invoke_result_t<F, Transaction&> {
    using R = std::invoke_result_t<F, Transaction&>;
    std::optional<R> outcome;
    auto done = run_write(std::move(author), durability, [&](Transaction& tx) -> Error const* {
      outcome.emplace(f(tx));
      return outcome->has_value() ? nullptr : &outcome->error();
    });
    if (!done) return std::unexpected(std::move(done).error());
    return *std::move(outcome);
  }

  // f(Snapshot&) -> Result<T>. Never waits for a writer; waits when all readers are busy.
  template <class F>
  auto read(F&& f) const -> std::invoke_result_t<F, Snapshot&> {
    using R = std::invoke_result_t<F, Snapshot&>;
    std::optional<R> outcome;
    auto done = run_read([&](Snapshot& snapshot) { outcome.emplace(f(snapshot)); });
    if (!done) return std::unexpected(std::move(done).error());
    return *std::move(outcome);
  }

  // Grows with every commit, after the commit and before write() returns. Read before a snapshot, it says of what was made from
  // that snapshot: as long as it stays the same, so does the database.
  std::uint64_t generation() const;

  // Called after each commit that added something, on the committing thread, without the writer's lock. Must return at
  // once.
  void after_commit(std::function<void(Committed const&)> listener);

  // Copies the database to "<file>.good" (atomically replaced). Reads a snapshot; writers go on.
  Result<void> save_good_copy() const;
  std::optional<Moment> good_copy_at() const;
  // Moves the WAL into the database file. Blocks writers meanwhile.
  Result<void> checkpoint();

 private:
  class ReaderLease;
  using WriteBody = std::function<Error const*(Transaction&)>;  // nullptr: commit
  Result<void> run_write(Author author, Durability durability, WriteBody const& body);
  Result<Committed> try_write(Author const& author, Durability durability, WriteBody const& body);
  Result<void> run_read(std::function<void(Snapshot&)> const& body) const;
  std::unique_ptr<Parts> parts_;
};

}  // namespace berth::store
