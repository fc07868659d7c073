#include "drivers/host/updates.hpp"

#include <unistd.h>

#include <algorithm>
#include <format>

#include "drivers/contract/release_version.hpp"
#include "drivers/host/found_updates.hpp"
#include "drivers/host/machine_facts.hpp"
#include "drivers/host/update_record.hpp"
#include "firmware/base/files.hpp"
#include "firmware/base/log.hpp"
#include "firmware/base/random.hpp"

namespace berth::host {

using namespace contract;

namespace {

constexpr std::size_t command_line_bytes_max = 8192;
constexpr std::size_t failure_length_max = 500;
constexpr std::size_t transaction_bytes = 12;
constexpr std::chrono::seconds watch_turn{2};

std::unexpected<Error> busy() {
  return fail(ErrorCode::conflict, "update-running", "An update is being installed.");
}

// Words of another program, for people: one line.
std::string plain(std::string text) {
  text.resize(std::min(text.size(), failure_length_max));
  std::ranges::replace_if(text, [](char c) { return static_cast<unsigned char>(c) < ' ' || c == '\x7f'; }, ' ');
  return text;
}

bool wrote_whole(SlotRecord const& record) {
  return record.status == "ok" && !record.version.empty();
}

// Both files lie in the engine's own namespace; RAUC opens what this descriptor leads to.
std::filesystem::path path_of(Descriptor const& file) {
  return std::format("/proc/{}/fd/{}", ::getpid(), file.get());
}

}  // namespace

Updates::Updates(MachinePaths const& paths, std::unique_ptr<UpdateService> service)
    : paths_(paths), service_(std::move(service)) {}

Updates::~Updates() = default;

Result<Updates::Running> Updates::running() const {
  auto const facts = TRY(read_machine_facts(paths_));
  auto const slot = booted_slot(TRY(read_file(paths_.command_line, command_line_bytes_max)));
  if (!slot) return fail(ErrorCode::unsupported, "no-slot", "This machine was not started from one of its two slots.");
  return Running{facts.version, facts.board, *slot};
}

void Updates::begin() {
  auto const started = [&]() -> Result<void> {
    TRY(ensure_directory(paths_.updates, 0700));
    auto const now = TRY(running());
    auto releases = read_started_releases(paths_.updates);
    (now.slot == SlotName::a ? releases.a : releases.b) = now.version;
    return write_started_releases(paths_.updates, releases);
  }();
  if (!started) log(LogLevel::error, "updates", "the running release", {{"why", describe(started.error())}});
  std::lock_guard lock(lock_);
  if (auto const record = read_update_record(paths_.updates); record && !record->ended)
    watch();
  else
    drop_bundle(paths_.updates);
}

// Until the installation has ended, so that its end is known also when nobody asks.
void Updates::watch() {
  if (std::exchange(watching_, true)) return;
  // The former one needs the lock no more.
  watcher_ = std::jthread([this](std::stop_token const& stop) {
    std::unique_lock lock(lock_);
    while (!stop.stop_requested()) {
      auto const now = progress_now();
      if (now && !now->running) break;
      ending_.wait_for(lock, stop, watch_turn, [] { return false; });
    }
    watching_ = false;
  });
}

Result<Slots> Updates::slots() {
  auto const now = TRY(running());
  auto const boot = TRY(read_boot_environment(paths_.boot_environment));
  std::array<SlotRecord, 2> written;
  if (auto told = service_->slots())
    written = *std::move(told);
  else if (told.error().code != ErrorCode::conflict)
    return std::unexpected(std::move(told).error());
  else
    written[now.slot == SlotName::a ? 1 : 0].status = "pending";  // it is being written
  auto const started = read_started_releases(paths_.updates);
  Slots answer;
  for (auto const name : {SlotName::a, SlotName::b}) {
    bool const is_a = name == SlotName::a;
    auto const& record = written[is_a ? 0 : 1];
    Slot slot;
    slot.name = name;
    slot.booted = name == now.slot;
    if (slot.booted)
      slot.version = now.version;
    else if (wrote_whole(record))
      slot.version = record.version;
    else if (record.status.empty())
      slot.version = is_a ? started.a : started.b;
    if (!slot.version.empty()) {
      slot.good = boot.of(name).good();
      slot.tries_left = boot.of(name).tries_left();
    }
    answer.slots.push_back(std::move(slot));
  }
  answer.next = boot.next().value_or(now.slot);
  return answer;
}

Result<void> Updates::choose_slot(SlotName slot) {
  auto const known = TRY(slots());
  std::lock_guard lock(lock_);
  if (TRY(progress_now()).running) return busy();
  auto const found = std::ranges::find(known.slots, slot, &Slot::name);
  if (found == known.slots.end() || found->version.empty())
    return fail(ErrorCode::conflict, "slot-empty", "Nothing is installed in that slot.");
  return service_->activate(slot);
}

Result<void> Updates::may_install(BundleFacts const& facts) const {
  if (facts.format == "plain")
    return fail(ErrorCode::corrupt, "bundle-invalid",
                "This update is in a form that cannot be checked while it is read.");
  auto const now = TRY(running());
  if (facts.compatible != "berth-" + now.board)
    return fail(ErrorCode::precondition_failed, "update-other-board", "This update is for another kind of machine.");
  auto const version = ReleaseVersion::parse(facts.version);
  if (!version) return fail(ErrorCode::corrupt, "bundle-invalid", "This update does not say which version it is.");
  auto const ours = ReleaseVersion::parse(now.version);
  if (ours && *version < *ours)
    return fail(ErrorCode::precondition_failed, "update-older",
                std::format("This update, {}, is older than what runs, {}.", facts.version, now.version));
  return {};
}

Result<void> Updates::install(Descriptor bundle) {
  std::lock_guard lock(lock_);
  return install_now(std::move(bundle));
}

Result<void> Updates::install_now(Descriptor bundle) {
  if (TRY(progress_now()).running) return busy();
  TRY(ensure_directory(paths_.updates, 0700));
  auto const path = TRY(take_bundle(paths_.updates, bundle.get()));
  auto const begun = [&]() -> Result<void> {
    auto const facts = TRY(service_->inspect(path));
    TRY(may_install(facts));
    UpdateRecord record{facts.version, random_token(transaction_bytes), false, ""};
    // Before it begins: an engine that ends now must know that it did.
    TRY(write_update_record(paths_.updates, record));
    auto installing = service_->install(path, record.transaction);
    if (!installing) {
      record.ended = true;
      record.failure = "The installation could not begin.";
      TRY(write_update_record(paths_.updates, record));
    }
    return installing;
  }();
  if (!begun) {
    drop_bundle(paths_.updates);
    return begun;
  }
  log(LogLevel::notice, "updates", "an update is being installed");
  watch();
  return {};
}

Result<UpdateProgress> Updates::progress() {
  std::lock_guard lock(lock_);
  return progress_now();
}

Result<UpdateProgress> Updates::progress_now() {
  auto record = read_update_record(paths_.updates);
  if (!record) return UpdateProgress{};
  auto const ended = [&] {
    return UpdateProgress{.running = false,
                          .percent = record->failure.empty() ? 100 : 0,
                          .step = record->failure.empty() ? "Installed" : "Failed",
                          .failure = record->failure,
                          .version = record->version};
  };
  if (record->ended) return ended();
  auto const told = TRY(service_->progress());
  if (told.installing)
    return UpdateProgress{.running = true,
                          .percent = std::clamp<std::int64_t>(told.percent, 0, 100),
                          .step = plain(told.step),
                          .failure = "",
                          .version = record->version};
  // It has ended, with or without us. What lies in the slots is the truth: RAUC itself may have been started anew since.
  auto const written = TRY(service_->slots());
  auto const boot = TRY(read_boot_environment(paths_.boot_environment));
  auto const now = TRY(running());
  auto const mine = std::ranges::find(written, record->transaction, &SlotRecord::transaction);
  bool const whole = mine != written.end() && wrote_whole(*mine);
  auto const slot = mine == written.begin() ? SlotName::a : SlotName::b;
  bool const chosen = whole && (now.slot == slot || (!boot.order.empty() && boot.order.front() == slot));
  record->ended = true;
  if (!chosen) record->failure = told.last_error.empty() ? "The installation was interrupted." : plain(told.last_error);
  TRY(write_update_record(paths_.updates, *record));
  drop_bundle(paths_.updates);
  log(chosen ? LogLevel::notice : LogLevel::error, "updates", "the installation has ended",
      {{"version", record->version}, {"failure", record->failure}});
  return ended();
}

Result<std::vector<FoundUpdate>> Updates::find() {
  std::lock_guard lock(lock_);
  if (TRY(progress_now()).running) return busy();
  std::vector<FoundUpdate> found;
  std::optional<Error> trouble;
  for_each_bundle(paths_, [&](BundleFile& bundle) {
    FoundUpdate update{.id = bundle.id,
                       .place = bundle.place,
                       .name = bundle.name,
                       .version = "",
                       .board = "",
                       .size_bytes = bundle.size_bytes,
                       .compatible = false,
                       .problem = ""};
    auto const facts = service_->inspect(path_of(bundle.file));
    if (!facts && facts.error().code != ErrorCode::corrupt) {
      trouble = facts.error();
      return false;
    }
    auto const may = facts ? may_install(*facts) : Result<void>(std::unexpected(facts.error()));
    if (facts) {
      update.version = plain(facts->version);
      update.board = plain(facts->compatible.starts_with("berth-") ? facts->compatible.substr(6) : facts->compatible);
    }
    update.compatible = may.has_value();
    if (!may) update.problem = may.error().message;
    found.push_back(std::move(update));
    return true;
  });
  if (trouble) return std::unexpected(*std::move(trouble));
  std::ranges::stable_sort(found, [](FoundUpdate const& one, FoundUpdate const& other) {
    return ReleaseVersion::parse(one.version).value_or(ReleaseVersion{}) >
           ReleaseVersion::parse(other.version).value_or(ReleaseVersion{});
  });
  return found;
}

Result<void> Updates::install_found(FoundUpdateId const& id) {
  std::lock_guard lock(lock_);
  Result<void> installed = fail(ErrorCode::not_found, "update-gone", "That update is not there any more.");
  for_each_bundle(paths_, [&](BundleFile& bundle) {
    if (bundle.id != id.str()) return true;
    installed = install_now(std::move(bundle.file));
    return false;
  });
  return installed;
}

}  // namespace berth::host
