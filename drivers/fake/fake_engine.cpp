#include "drivers/fake/fake_engine.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "drivers/contract/checks.hpp"
#include "drivers/fake/digest.hpp"
#include "drivers/fake/fake_screen.hpp"
#include "drivers/fake/fake_shell.hpp"
#include "firmware/base/random.hpp"

namespace berth::fake {

using contract::GuestId;
using contract::GuestKind;
using contract::GuestState;
using contract::GuestStatus;

namespace {

bool alive(FakeGuest const* guest) {
  return guest != nullptr && (guest->state == GuestState::running || guest->state == GuestState::paused);
}

std::unexpected<Error> conflict(std::string slug, std::string message) {
  return fail(ErrorCode::conflict, std::move(slug), std::move(message));
}
std::unexpected<Error> missing(std::string slug, std::string message) {
  return fail(ErrorCode::not_found, std::move(slug), std::move(message));
}

std::string screen_of(std::string const& guest) {
  return "screen " + guest;
}
std::string serial_of(std::string const& guest) {
  return "serial " + guest;
}

}  // namespace

FakeEngine::FakeEngine(FakeOptions options, FakeState state) : options_(std::move(options)), state_(std::move(state)) {
  if (state_.boot_id.empty()) state_.boot_id = random_token(12);
  for (auto const& guest : state_.guests)
    if (alive(&guest)) plug_console(guest);
}

Result<std::unique_ptr<FakeEngine>> FakeEngine::open(FakeOptions options) {
  FakeState state;
  if (!options.state_file.empty()) state = TRY(load_state(options.state_file));
  auto engine = std::make_unique<FakeEngine>(std::move(options), std::move(state));
  TRY(engine->save());
  return engine;
}

Result<void> FakeEngine::save() {
  if (options_.state_file.empty()) return {};
  return save_state(state_, options_.state_file);
}

std::uint64_t FakeEngine::storage_used() const {
  std::uint64_t used = 0;
  for (auto const& image : state_.images) used += image.facts.stored_bytes;
  for (auto const& disk : state_.disks) used += static_cast<std::uint64_t>(disk.size_bytes.value);
  return used;
}

std::uint64_t FakeEngine::memory_used() const {
  std::uint64_t used = 0;
  for (auto const& guest : state_.guests)
    if (alive(&guest)) used += static_cast<std::uint64_t>(guest.spec.memory_bytes.value);
  return used;
}

Result<contract::HostFacts> FakeEngine::host() {
  TRY(faults_.before("host"));
  std::lock_guard lock(mutex_);
  contract::HostFacts facts;
  facts.hostname = "berth-fake";
  facts.kernel = "none";
  facts.boot_id = state_.boot_id;
  facts.cpus = options_.cpus;
  facts.memory_bytes = options_.memory_bytes;
  facts.memory_free_bytes = options_.memory_bytes - std::min(options_.memory_bytes, memory_used());
  facts.storage_bytes = options_.storage_bytes;
  facts.storage_free_bytes = options_.storage_bytes - std::min(options_.storage_bytes, storage_used());
  facts.accelerator = contract::Accelerator::tcg;
  facts.accelerator_reason = "This is the in-memory engine: nothing executes.";
  facts.reflink = true;
  return facts;
}

Result<contract::ImageFacts> FakeEngine::import_image(contract::ImportImage const& wish, Descriptor file) {
  TRY(contract::check(wish));
  TRY(faults_.before("import_image"));
  {
    std::lock_guard lock(mutex_);
    if (auto const* known = state_.image(wish.image)) {
      if (known->wish.sha256 == wish.sha256) return known->facts;
      return conflict("image-differs", "An image of that name with another content is here already.");
    }
  }
  auto const seen = TRY(read_digest(file.get()));
  if (seen.sha256 != wish.sha256.str())
    return fail(ErrorCode::corrupt, "digest-differs", "The image's file has another SHA-256 than announced.");
  if (seen.bytes == 0) return fail(ErrorCode::corrupt, "image-empty", "The image's file is empty.");
  std::lock_guard lock(mutex_);
  if (auto const* known = state_.image(wish.image)) return known->facts;  // imported twice at once
  if (storage_used() + seen.bytes > options_.storage_bytes)
    return fail(ErrorCode::exhausted, "no-space", "The image does not fit on the disk.");
  contract::ImageFacts const facts{wish.image.str(), wish.kind, seen.bytes, seen.virtual_bytes};
  state_.images.push_back({wish, facts});
  TRY(save());
  return facts;
}

Result<std::vector<contract::ImageFacts>> FakeEngine::images() {
  TRY(faults_.before("images"));
  std::lock_guard lock(mutex_);
  std::vector<contract::ImageFacts> all;
  for (auto const& image : state_.images) all.push_back(image.facts);
  return all;
}

Result<void> FakeEngine::remove_image(contract::ImageName const& image) {
  TRY(contract::check_image_name(image));
  TRY(faults_.before("remove_image"));
  std::lock_guard lock(mutex_);
  if (std::ranges::any_of(state_.disks, [&](auto const& disk) { return disk.image == image; }))
    return conflict("image-in-use", "A guest's disk depends on this image.");
  std::erase_if(state_.images, [&](FakeImage const& i) { return i.wish.image == image; });
  return save();
}

Result<void> FakeEngine::create_disk(contract::CreateDisk const& wish) {
  TRY(contract::check(wish));
  TRY(faults_.before("create_disk"));
  std::lock_guard lock(mutex_);
  if (auto const* disk = state_.disk(wish.guest)) {
    if (disk->size_bytes == wish.size_bytes) return {};
    return conflict("disk-differs", "This guest has a disk of another size already.");
  }
  auto const* image = state_.image(wish.image);
  if (image == nullptr) return missing("image-unknown", "There is no such image.");
  if (image->wish.kind != wish.kind) return fail_field("/kind", "is not the image's kind");
  auto const size = static_cast<std::uint64_t>(wish.size_bytes.value);
  if (size < image->facts.virtual_bytes) return fail_field("/size_bytes", "is smaller than the image");
  if (storage_used() + size > options_.storage_bytes)
    return fail(ErrorCode::exhausted, "no-space", "The disk does not fit on this machine.");
  state_.disks.push_back(wish);
  return save();
}

Result<void> FakeEngine::delete_disk(GuestId const& guest) {
  TRY(contract::check(guest));
  TRY(faults_.before("delete_disk"));
  std::lock_guard lock(mutex_);
  if (alive(state_.guest(guest))) return conflict("guest-running", "The guest runs.");
  std::erase_if(state_.disks, [&](auto const& disk) { return disk.guest == guest; });
  return save();
}

Result<void> FakeEngine::ensure_network(contract::NetworkSpec const& network) {
  TRY(contract::check(network));
  TRY(faults_.before("ensure_network"));
  std::lock_guard lock(mutex_);
  auto const& before = state_.network;
  bool const moves = before && (before->gateway != network.gateway || before->prefix != network.prefix);
  if (moves && !state_.nics.empty()) return conflict("network-in-use", "Guests are connected to the present network.");
  state_.network = network;
  return save();
}

Result<void> FakeEngine::connect_network(GuestId const& guest, contract::NicSpec const& nic) {
  TRY(contract::check(guest));
  TRY(contract::check(nic));
  TRY(faults_.before("connect_network"));
  std::lock_guard lock(mutex_);
  if (!state_.network) return conflict("no-network", "There is no network yet.");
  for (auto const& other : state_.nics) {
    if (other.guest == guest) continue;
    if (other.nic.mac == nic.mac) return conflict("mac-taken", "Another guest holds this MAC address.");
    if (other.nic.address == nic.address) return conflict("address-taken", "Another guest holds this address.");
  }
  if (auto* mine = state_.nic(guest))
    mine->nic = nic;
  else
    state_.nics.push_back({guest, nic});
  return save();
}

Result<void> FakeEngine::disconnect_network(GuestId const& guest) {
  TRY(contract::check(guest));
  TRY(faults_.before("disconnect_network"));
  std::lock_guard lock(mutex_);
  std::erase_if(state_.nics, [&](FakeNic const& n) { return n.guest == guest; });
  return save();
}

Result<void> FakeEngine::define_guest(contract::GuestSpec const& wish) {
  TRY(contract::check(wish));
  auto spec = wish;
  spec.nic.peer_group.value = 0;  // the network's alone
  TRY(faults_.before("define_guest"));
  std::lock_guard lock(mutex_);
  auto* known = state_.guest(spec.guest);
  if (known != nullptr && to_json(known->spec) == to_json(spec)) return {};
  if (alive(known)) return conflict("guest-running", "The guest runs; its definition cannot change now.");
  if (state_.image(spec.image) == nullptr) return missing("image-unknown", "There is no such image.");
  if (state_.disk(spec.guest) == nullptr) return missing("disk-missing", "The guest has no disk.");
  if (known != nullptr)
    known->spec = spec;
  else
    state_.guests.push_back({spec, GuestState::stopped, "", std::nullopt, 0});
  return save();
}

Result<void> FakeEngine::undefine_guest(GuestId const& guest) {
  TRY(contract::check(guest));
  TRY(faults_.before("undefine_guest"));
  std::lock_guard lock(mutex_);
  if (alive(state_.guest(guest))) return conflict("guest-running", "The guest runs.");
  std::erase_if(state_.guests, [&](FakeGuest const& g) { return g.spec.guest == guest; });
  stubborn_.erase(guest.str());
  return save();
}

Result<FakeGuest*> FakeEngine::defined(GuestId const& guest) {
  auto* found = state_.guest(guest);
  if (found == nullptr) return missing("guest-unknown", "There is no such guest.");
  return found;
}

void FakeEngine::plug_console(FakeGuest const& guest) {
  consoles_.attach(guest.spec.guest,
                   [this, hostname = guest.spec.hostname.str(), name = serial_of(guest.spec.guest.str())] {
                     return responder_.connect(std::make_unique<FakeShell>(hostname), name);
                   });
}

void FakeEngine::halt(FakeGuest& guest, GuestState state, std::string reason, std::optional<std::int32_t> exit_code) {
  consoles_.detach(guest.spec.guest);
  responder_.hang_up(serial_of(guest.spec.guest.str()));
  responder_.hang_up(screen_of(guest.spec.guest.str()));
  guest.state = state;
  changes_.tell(guest.spec.guest);
  guest.reason = std::move(reason);
  guest.exit_code = guest.spec.kind == GuestKind::container ? exit_code : std::nullopt;
}

Result<GuestStatus> FakeEngine::start_guest(GuestId const& guest) {
  TRY(contract::check(guest));
  TRY(faults_.before("start_guest"));
  std::lock_guard lock(mutex_);
  auto* found = TRY(defined(guest));
  if (found->state == GuestState::running) return status_of(guest);
  if (found->state == GuestState::paused) return conflict("guest-paused", "The guest is paused.");
  if (state_.disk(guest) == nullptr) return conflict("disk-missing", "The guest has no disk.");
  if (state_.nic(guest) == nullptr) return conflict("network-missing", "The guest's network is not connected.");
  if (memory_used() + static_cast<std::uint64_t>(found->spec.memory_bytes.value) > options_.memory_bytes)
    return fail(ErrorCode::exhausted, "no-memory", "This machine has not enough memory left for the guest.");
  found->state = GuestState::running;
  changes_.tell(guest);
  found->reason.clear();
  found->exit_code.reset();
  found->started_ms = to_ms(clock_.now());
  plug_console(*found);
  TRY(save());
  return status_of(guest);
}

Result<GuestStatus> FakeEngine::stop_guest(contract::StopGuest const& wish) {
  TRY(contract::check(wish));
  TRY(faults_.before("stop_guest"));
  std::lock_guard lock(mutex_);
  auto* found = state_.guest(wish.guest);
  if (!alive(found)) return status_of(wish.guest);
  bool const heeds = found->state == GuestState::running && !stubborn_.contains(wish.guest.str());
  if (!heeds && !wish.force)
    return fail(ErrorCode::timed_out, "guest-did-not-stop", "The guest did not stop in the time it was given.");
  halt(*found, GuestState::stopped, heeds ? "" : "its power was cut", heeds ? 0 : 137);
  TRY(save());
  return status_of(wish.guest);
}

Result<GuestStatus> FakeEngine::set_paused(GuestId const& guest, bool paused) {
  std::lock_guard lock(mutex_);
  auto* found = TRY(defined(guest));
  if (!alive(found)) return conflict("guest-not-running", "The guest does not run.");
  found->state = paused ? GuestState::paused : GuestState::running;
  changes_.tell(guest);
  TRY(save());
  return status_of(guest);
}

Result<GuestStatus> FakeEngine::pause_guest(GuestId const& guest) {
  TRY(contract::check(guest));
  TRY(faults_.before("pause_guest"));
  return set_paused(guest, true);
}

Result<GuestStatus> FakeEngine::resume_guest(GuestId const& guest) {
  TRY(contract::check(guest));
  TRY(faults_.before("resume_guest"));
  return set_paused(guest, false);
}

GuestStatus FakeEngine::status_of(std::string_view id) {
  GuestStatus status;
  status.guest = std::string(id);
  if (auto const* disk = state_.disk(id)) {
    status.kind = disk->kind;
    status.disk_bytes = static_cast<std::uint64_t>(disk->size_bytes.value) / 4;
  }
  auto const* guest = state_.guest(id);
  if (guest == nullptr) return status;
  status.kind = guest->spec.kind;
  status.state = guest->state;
  status.reason = guest->reason;
  status.exit_code = guest->exit_code;
  if (!alive(guest)) return status;
  // Figures of a guest that idles: they grow with the time since its start.
  auto const up_ms = static_cast<std::uint64_t>(std::max<std::int64_t>(0, to_ms(clock_.now()) - guest->started_ms));
  status.cpu_ns = 200'000'000 + up_ms * 20'000;
  status.memory_bytes = static_cast<std::uint64_t>(guest->spec.memory_bytes.value) / 3;
  if (state_.nic(id) != nullptr) {
    status.rx_bytes = 4096 + up_ms * 2;
    status.tx_bytes = 1024 + up_ms / 2;
  }
  return status;
}

Result<GuestStatus> FakeEngine::guest(GuestId const& guest) {
  TRY(contract::check(guest));
  TRY(faults_.before("guest"));
  std::lock_guard lock(mutex_);
  return status_of(guest);
}

Result<std::vector<GuestStatus>> FakeEngine::guests() {
  TRY(faults_.before("guests"));
  std::lock_guard lock(mutex_);
  std::set<std::string> ids;
  for (auto const& guest : state_.guests) ids.insert(guest.spec.guest.str());
  for (auto const& disk : state_.disks) ids.insert(disk.guest.str());
  for (auto const& nic : state_.nics) ids.insert(nic.guest.str());
  std::vector<GuestStatus> all;
  for (auto const& id : ids) all.push_back(status_of(id));
  return all;
}

Result<void> FakeEngine::monitor(std::stop_token const& stop, contract::GuestNewsListener const& heard) {
  return changes_.monitor(stop, heard);
}

Result<Descriptor> FakeEngine::open_console(GuestId const& guest, contract::ConsoleKind kind) {
  TRY(contract::check(guest));
  TRY(faults_.before("open_console"));
  std::lock_guard lock(mutex_);
  auto* found = TRY(defined(guest));
  if (kind == contract::ConsoleKind::vnc && found->spec.kind == GuestKind::container)
    return fail(ErrorCode::unsupported, "no-screen", "Containers have no screen.");
  if (!alive(found)) return conflict("guest-not-running", "The guest does not run.");
  if (kind == contract::ConsoleKind::serial) return consoles_.open(guest);
  return responder_.connect(std::make_unique<FakeScreen>(found->spec.hostname.str()), screen_of(guest.str()));
}

Result<void> FakeEngine::resize_console(GuestId const& guest, contract::ConsoleSize const&) {
  TRY(contract::check(guest));
  TRY(faults_.before("resize_console"));
  std::lock_guard lock(mutex_);
  auto* found = TRY(defined(guest));
  if (!alive(found)) return conflict("guest-not-running", "The guest does not run.");
  return {};
}

void FakeEngine::crash(GuestId const& guest, std::string reason, std::optional<std::int32_t> exit_code) {
  std::lock_guard lock(mutex_);
  if (auto* found = state_.guest(guest); alive(found)) halt(*found, GuestState::crashed, std::move(reason), exit_code);
}

void FakeEngine::ignore_stops(GuestId const& guest) {
  std::lock_guard lock(mutex_);
  stubborn_.insert(guest.str());
}

}  // namespace berth::fake
