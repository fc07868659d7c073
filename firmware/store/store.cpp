#include "firmware/store/store.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <condition_variable>
#include <format>
#include <mutex>
#include <shared_mutex>
#include <vector>

#include "firmware/base/descriptor.hpp"
#include "firmware/base/log.hpp"
#include "firmware/store/ballast.hpp"
#include "firmware/store/connection.hpp"
#include "firmware/store/good_copy.hpp"
#include "firmware/store/integrity.hpp"
#include "firmware/store/older_copy.hpp"

namespace berth::store {

Tables::Tables(TransactionScope& s)
    : events(s),
      idempotency(s),
      images(s),
      jobs(s),
      machines(s),
      nodes(s),
      peer_groups(s),
      plans(s),
      pools(s),
      servers(s),
      sessions(s),
      settings(s),
      tenants(s),
      tickets(s),
      users(s) {}

struct Store::Parts {
  explicit Parts(StoreOptions const& chosen) : options(chosen), ballast(chosen.file) {}

  StoreOptions options;
  Descriptor lock;  // flock: one process at a time
  std::mutex write_mutex;
  std::unique_ptr<Connection> writer;
  Ballast ballast;
  Durability durability = Durability::power;  // what the writer is set to
  std::atomic<std::uint64_t> generation = 1;

  std::mutex readers_mutex;
  std::condition_variable reader_back;
  std::vector<std::unique_ptr<Connection>> readers;  // the idle ones

  std::shared_mutex listeners_mutex;
  std::vector<std::function<void(Committed const&)>> listeners;

  // Readers first: the last connection to close moves the WAL into the file, and only the writer may.
  ~Parts() {
    readers.clear();
    writer.reset();
  }
};

namespace {

Result<Descriptor> lock_database(std::filesystem::path const& file) {
  auto const path = file.string() + ".lock";
  Descriptor lock(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!lock.valid()) return fail_errno(errno, "open " + path);
  if (::flock(lock.get(), LOCK_EX | LOCK_NB) != 0)
    return fail(ErrorCode::conflict, "database-in-use", "Another process uses the database " + file.string() + ".");
  return lock;
}

bool may_use_ballast(Author const& author) {
  return !author.actor.starts_with("reconciler:");
}

// Rolls back unless told that it is done; also when the body throws (out of memory).
class Rollback {
 public:
  explicit Rollback(Connection& connection) : connection_(&connection) {}
  Rollback(Rollback const&) = delete;
  Rollback& operator=(Rollback const&) = delete;
  // After a full disk SQLite has rolled back by itself; then this says "no transaction is active", which is what we
  // want.
  ~Rollback() {
    if (connection_ != nullptr) [[maybe_unused]]
      auto ignored = connection_->execute("ROLLBACK");
  }
  void dismiss() { connection_ = nullptr; }

 private:
  Connection* connection_;
};

// Made by us with the right mode, so that SQLite does not make it with the umask's.
Result<void> make_private(std::filesystem::path const& file) {
  Descriptor made(::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!made.valid()) return fail_errno(errno, "open " + file.string());
  if (::fchmod(made.get(), 0600) != 0) return fail_errno(errno, "chmod " + file.string());
  return {};
}

Result<std::unique_ptr<Connection>> open_checked(std::filesystem::path const& file, Migrations const& ours) {
  auto writer = TRY(Connection::open(file, Connection::Mode::write));
  TRY(check_integrity(*writer));
  TRY(keep_older_copy(*writer, file, ours.steps));
  TRY(migrate(*writer, ours.steps));
  TRY(check_schema(*writer, ours.schema));
  return writer;
}

// The same; a release that came back after a newer one goes on with its own copy, where there is one.
Result<std::unique_ptr<Connection>> open_or_go_back(std::filesystem::path const& file, Migrations const& ours) {
  auto writer = open_checked(file, ours);
  if (writer || writer.error().slug != "database-newer") return writer;
  auto const back = put_older_copy_in_place(file, ours.steps, SystemClock().now());
  if (back) return open_checked(file, ours);
  if (back.error().code == ErrorCode::not_found) return writer;
  return std::unexpected(back.error());
}

}  // namespace

// An idle reader while this lives; waits for one.
class Store::ReaderLease {
 public:
  explicit ReaderLease(Parts& parts) : parts_(parts) {
    std::unique_lock lock(parts_.readers_mutex);
    parts_.reader_back.wait(lock, [&] { return !parts_.readers.empty(); });
    reader_ = std::move(parts_.readers.back());
    parts_.readers.pop_back();
  }
  ReaderLease(ReaderLease const&) = delete;
  ReaderLease& operator=(ReaderLease const&) = delete;
  ~ReaderLease() {
    {
      std::scoped_lock lock(parts_.readers_mutex);
      parts_.readers.push_back(std::move(reader_));
    }
    parts_.reader_back.notify_one();
  }
  Connection& operator*() { return *reader_; }
  Connection* operator->() { return reader_.get(); }

 private:
  Parts& parts_;
  std::unique_ptr<Connection> reader_;
};

Store::Store(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Store::~Store() = default;

Result<std::unique_ptr<Store>> Store::open(StoreOptions const& options) {
  auto parts = std::make_unique<Parts>(options);
  parts->lock = TRY(lock_database(options.file));
  TRY(check_not_lost(options.file));
  TRY(make_private(options.file));
  auto writer = open_or_go_back(options.file, options.migrations);
  if (!writer) {
    auto error = std::move(writer).error().in("open the database " + options.file.string());
    if (error.code == ErrorCode::corrupt) error.message += " " + good_copy_advice(options.file);
    return std::unexpected(std::move(error));
  }
  parts->writer = *std::move(writer);
  parts->ballast.take();
  for (std::size_t i = 0; i < options.readers; ++i)
    parts->readers.push_back(TRY(Connection::open(options.file, Connection::Mode::read)));
  return std::make_unique<Store>(std::move(parts));
}

Result<void> Store::restore_good_copy(std::filesystem::path const& file, Moment now) {
  auto lock = TRY(lock_database(file));
  return put_good_copy_in_place(file, now);
}

void Store::forget_copies(std::filesystem::path const& file) {
  forget_older_copies(file);
}

// One attempt, with the writer held.
Result<Committed> Store::try_write(Author const& author, Durability durability, WriteBody const& body) {
  auto& writer = *parts_->writer;
  if (durability != parts_->durability) {
    TRY(writer.execute(durability == Durability::power ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL"));
    parts_->durability = durability;
  }
  TRY(writer.execute("BEGIN IMMEDIATE"));
  Rollback rollback(writer);
  TransactionScope scope{writer, author, {}};
  Transaction tx(scope);
  if (auto const* refused = body(tx)) return std::unexpected(*refused);
  auto committed = writer.execute("COMMIT");
  parts_->generation.fetch_add(1);
  TRY(std::move(committed));
  rollback.dismiss();
  return std::move(scope.committed);
}

Result<void> Store::run_write(Author author, Durability durability, WriteBody const& body) {
  Committed committed;
  {
    std::scoped_lock lock(parts_->write_mutex);
    parts_->ballast.take();
    auto done = try_write(author, durability, body);
    if (!done && done.error().slug == disk_full_slug && may_use_ballast(author) && parts_->ballast.give_back())
      done = try_write(author, durability, body);
    committed = TRY(std::move(done));
  }
  if (committed.last_event == 0 && committed.jobs.empty() && !committed.cancellations) return {};
  std::shared_lock lock(parts_->listeners_mutex);
  for (auto const& listener : parts_->listeners) listener(committed);
  return {};
}

std::uint64_t Store::generation() const {
  return parts_->generation.load();
}

Result<void> Store::run_read(std::function<void(Snapshot&)> const& body) const {
  ReaderLease reader(*parts_);
  TRY(reader->execute("BEGIN"));
  Rollback end(*reader);  // ends the read; there is nothing to keep
  TransactionScope scope{*reader, {}, {}};
  Snapshot snapshot(scope);
  body(snapshot);
  return {};
}

void Store::after_commit(std::function<void(Committed const&)> listener) {
  std::unique_lock lock(parts_->listeners_mutex);
  parts_->listeners.push_back(std::move(listener));
}

Result<void> Store::save_good_copy() const {
  // A connection of its own, so that no reader is missing meanwhile.
  auto reader = TRY(Connection::open(parts_->options.file, Connection::Mode::read));
  return write_good_copy(*reader, parts_->options.file);
}

std::optional<Moment> Store::good_copy_at() const {
  return store::good_copy_at(parts_->options.file);
}

Result<void> Store::checkpoint() {
  std::scoped_lock lock(parts_->write_mutex);
  return parts_->writer->execute("PRAGMA wal_checkpoint(TRUNCATE)");
}

}  // namespace berth::store
