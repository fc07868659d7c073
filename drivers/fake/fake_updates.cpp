#include "drivers/fake/fake_updates.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <sstream>

#include "drivers/contract/release_version.hpp"

namespace berth::fake {

using namespace contract;

namespace {

std::unexpected<Error> no_bundle() {
  return fail(ErrorCode::corrupt, "bundle-invalid",
              "This is not an update, or not signed by whom this machine trusts.");
}

}  // namespace

FakeUpdates::FakeUpdates(Clock const& clock, std::string version, std::string board, std::chrono::milliseconds takes)
    : clock_(clock), version_(std::move(version)), board_(std::move(board)), takes_(takes) {
  slots_ = {{{.name = SlotName::a, .version = version_, .booted = true, .good = true, .tries_left = 3},
             {.name = SlotName::b, .version = "", .booted = false, .good = false, .tries_left = 0}},
            SlotName::a};
}

Slot& FakeUpdates::other() {
  return *std::ranges::find(slots_.slots, false, &Slot::booted);
}

Slots FakeUpdates::slots() {
  advance();
  return slots_;
}

Result<void> FakeUpdates::choose_slot(SlotName slot) {
  advance();
  auto const found = std::ranges::find(slots_.slots, slot, &Slot::name);
  if (found == slots_.slots.end() || found->version.empty())
    return fail(ErrorCode::conflict, "slot-empty", "Nothing is installed in that slot.");
  slots_.next = slot;
  return {};
}

Result<FakeUpdates::Bundle> FakeUpdates::read(Descriptor const& file) {
  std::string head(160, '\0');
  auto const size = ::pread(file.get(), head.data(), head.size(), 0);
  if (size < 0) return fail_errno(errno, "reading the bundle");
  head.resize(static_cast<std::size_t>(size));
  auto const end = head.find('\n');
  if (end == std::string::npos) return no_bundle();
  std::istringstream words(head.substr(0, end));
  std::string magic, last;
  Bundle bundle;
  words >> magic >> bundle.version >> last;
  if (magic != "berth-bundle" || !ReleaseVersion::parse(bundle.version)) return no_bundle();
  bundle.broken = last == "broken";
  if (!bundle.broken) bundle.board = last;
  return bundle;
}

Result<void> FakeUpdates::look_at(Bundle const& bundle) const {
  if (!bundle.board.empty() && bundle.board != board_)
    return fail(ErrorCode::precondition_failed, "update-other-board", "This update is for another kind of machine.");
  if (ReleaseVersion::parse(bundle.version) < ReleaseVersion::parse(version_))
    return fail(ErrorCode::precondition_failed, "update-older", "This update is older than what runs.");
  return {};
}

Result<void> FakeUpdates::begin(Bundle const& bundle) {
  advance();
  if (progress_.running) return fail(ErrorCode::conflict, "update-running", "An update is being installed.");
  TRY(look_at(bundle));
  progress_ = {.running = true, .percent = 0, .step = "Checking the bundle", .failure = "", .version = bundle.version};
  began_ = clock_.now();
  if (bundle.broken) failing_ = "The update ends in the middle.";
  auto& slot = other();
  slot.version.clear();
  slot.good = false;
  slot.tries_left = 0;
  slots_.next = std::ranges::find(slots_.slots, true, &Slot::booted)->name;
  advance();
  return {};
}

Result<void> FakeUpdates::install(Descriptor const& bundle) {
  return begin(TRY(read(bundle)));
}

void FakeUpdates::advance() {
  if (!progress_.running) return;
  auto const spent = to_ms(clock_.now()) - to_ms(began_);
  progress_.percent = takes_.count() <= 0 ? 100 : std::clamp<std::int64_t>(spent * 100 / takes_.count(), 0, 100);
  if (progress_.percent >= 10) progress_.step = "Writing the slot";
  if (failing_ && progress_.percent >= 50) {
    progress_.running = false;
    progress_.failure = *std::exchange(failing_, std::nullopt);
  } else if (progress_.percent == 100) {
    finish();
  }
}

void FakeUpdates::finish() {
  progress_.running = false;
  progress_.step = "Installed";
  auto& slot = other();
  slot.version = progress_.version;
  slot.tries_left = 3;
  slots_.next = slot.name;
}

void FakeUpdates::restarted() {
  for (auto& slot : slots_.slots) {
    slot.booted = slot.name == slots_.next;
    if (!slot.booted) continue;
    slot.good = true;
    version_ = slot.version;
  }
}

UpdateProgress FakeUpdates::progress() {
  advance();
  return progress_;
}

std::vector<FoundUpdate> FakeUpdates::found() const {
  constexpr std::uint64_t size_bytes = 310'000'000;
  return {{.id = "c0ffee01",
           .place = UpdatePlace::folder,
           .name = "berth-" + board_ + "-2.0.0.raucb",
           .version = "2.0.0",
           .board = board_,
           .size_bytes = size_bytes,
           .compatible = true,
           .problem = ""},
          {.id = "c0ffee02",
           .place = UpdatePlace::usb,
           .name = "berth-other-2.0.0.raucb",
           .version = "2.0.0",
           .board = "other",
           .size_bytes = size_bytes,
           .compatible = false,
           .problem = "This update is for another kind of machine."}};
}

Result<void> FakeUpdates::install_found(FoundUpdateId const& id) {
  auto const all = found();
  auto const one = std::ranges::find(all, id.str(), &FoundUpdate::id);
  if (one == all.end()) return fail(ErrorCode::not_found, "update-gone", "That update is not there any more.");
  return begin({.version = one->version, .board = one->board});
}

}  // namespace berth::fake
