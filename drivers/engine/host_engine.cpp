#include "drivers/engine/host_engine.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <set>

#include "drivers/contract/checks.hpp"
#include "firmware/base/files.hpp"

namespace berth::engine {

using contract::GuestId;
using contract::GuestKind;
using contract::GuestState;
using contract::GuestStatus;

namespace {

// Shorter than the client's deadline for acts (contract/client.hpp): the caller hears why.
constexpr auto patience = std::chrono::seconds{45};

bool alive(GuestState state) {
  return state != GuestState::absent && state != GuestState::stopped && state != GuestState::crashed;
}

bool is_empty_folder(std::filesystem::path const& path) {
  std::error_code ec;
  return std::filesystem::is_empty(path, ec) && !ec;
}

}  // namespace

HostEngine::HostEngine(EngineParts parts) : parts_(std::move(parts)) {
  for (auto* driver : {&parts_.containers, &parts_.vms})
    driver->on_change([changes = changes_](GuestId const& guest) { changes->tell(guest); });
}

Result<GuestLocks::Hold> HostEngine::hold(GuestId const& guest) {
  TRY(contract::check(guest));
  return locks_.hold(guest.str(), patience);
}

// Containers first: they can be seen without libvirt.
Result<HostEngine::Sight> HostEngine::look(GuestId const& guest) {
  auto container = TRY(parts_.containers.status(guest));
  if (container.state != GuestState::absent) return Sight{&parts_.containers, std::move(container)};
  auto vm = TRY(parts_.vms.status(guest));
  if (vm.state != GuestState::absent) return Sight{&parts_.vms, std::move(vm)};
  vm.guest = guest.str();
  return Sight{nullptr, std::move(vm)};
}

Result<HostEngine::Sight> HostEngine::look_known(GuestId const& guest) {
  auto sight = TRY(look(guest));
  if (sight.driver == nullptr)
    return fail(ErrorCode::not_found, "guest-unknown", "There is no such guest on this machine.");
  return sight;
}

Result<void> HostEngine::must_not_run(GuestId const& guest) {
  if (alive(TRY(look(guest)).status.state)) return fail(ErrorCode::conflict, "guest-running", "The guest runs.");
  return {};
}

Result<contract::HostFacts> HostEngine::host() {
  auto facts = TRY(parts_.facts());
  facts.boot_id = parts_.boot_id;
  return facts;
}

Result<contract::ImageFacts> HostEngine::import_image(contract::ImportImage const& wish, Descriptor file) {
  TRY(contract::check(wish));
  return parts_.disks.import_image(wish, std::move(file));
}

Result<std::vector<contract::ImageFacts>> HostEngine::images() {
  return parts_.disks.images();
}

Result<void> HostEngine::remove_image(contract::ImageName const& image) {
  TRY(contract::check_image_name(image));
  return parts_.disks.remove_image(image);
}

Result<void> HostEngine::create_disk(contract::CreateDisk const& wish) {
  TRY(contract::check(wish));
  auto const held = TRY(hold(wish.guest));
  // Disks are thin: many may promise more than there is, but no single one more than the machine could ever give.
  if (static_cast<std::uint64_t>(wish.size_bytes.value) > TRY(parts_.facts()).storage_bytes)
    return fail(ErrorCode::exhausted, "disk-too-large", "The disk is larger than this machine's storage.");
  return parts_.disks.create_disk(wish);
}

Result<void> HostEngine::delete_disk(GuestId const& guest) {
  auto const held = TRY(hold(guest));
  TRY(must_not_run(guest));
  TRY(parts_.disks.delete_disk(guest));
  remove_empty_folders(guest);
  return {};
}

Result<void> HostEngine::ensure_network(contract::NetworkSpec const& network) {
  TRY(contract::check(network));
  return parts_.network.ensure_network(network);
}

Result<void> HostEngine::connect_network(GuestId const& guest, contract::NicSpec const& nic) {
  TRY(contract::check(nic));
  auto const held = TRY(hold(guest));
  return parts_.network.connect(guest, nic);
}

Result<void> HostEngine::disconnect_network(GuestId const& guest) {
  auto const held = TRY(hold(guest));
  return parts_.network.disconnect(guest);
}

Result<void> HostEngine::define_guest(contract::GuestSpec const& spec) {
  TRY(contract::check(spec));
  auto const held = TRY(hold(spec.guest));
  auto const sight = TRY(look(spec.guest));
  auto& driver = spec.kind == GuestKind::vm ? parts_.vms : parts_.containers;
  if (sight.driver != nullptr && sight.driver != &driver)
    return fail(ErrorCode::conflict, "guest-kind-differs", "A guest of the other kind has this id.");
  if (!std::ranges::contains(TRY(parts_.disks.images()), spec.image.str(), &contract::ImageFacts::image))
    return fail(ErrorCode::not_found, "image-unknown", "There is no such image on this machine.");
  TRY(parts_.disks.disk_path(spec.guest));
  // Whom it may reach is told to the network (connect_network) and may change while it runs.
  auto defined = spec;
  defined.nic.peer_group.value = 0;
  TRY(driver.define(defined));
  return replace_file(memory_file(spec.guest), std::to_string(spec.memory_bytes.value) + "\n", 0600);
}

Result<void> HostEngine::undefine_guest(GuestId const& guest) {
  auto const held = TRY(hold(guest));
  TRY(must_not_run(guest));
  // Both: what one of them half made goes as well.
  TRY(parts_.containers.undefine(guest));
  TRY(parts_.vms.undefine(guest));
  ::unlink(memory_file(guest).c_str());
  remove_empty_folders(guest);
  return {};
}

std::filesystem::path HostEngine::memory_file(GuestId const& guest) const {
  return parts_.directories.state / "guests" / guest.str() / "memory-bytes";
}

// A VM will take what it is granted, so that much must be free; a container's memory is a limit, which the machine must have.
Result<void> HostEngine::memory_suffices(GuestId const& guest, GuestKind kind) {
  auto const text = read_file(memory_file(guest), 64);
  if (!text) return {};  // defined by hand: the driver finds out
  auto const wanted = std::strtoull(text->c_str(), nullptr, 10);
  auto const facts = TRY(parts_.facts());
  if (wanted <= (kind == GuestKind::vm ? facts.memory_free_bytes : facts.memory_bytes)) return {};
  return fail(ErrorCode::exhausted, "no-memory", "This machine has not enough memory left for the guest.");
}

Result<void> HostEngine::may_start(GuestId const& guest, GuestKind kind) {
  if (!parts_.disks.disk_path(guest)) return fail(ErrorCode::conflict, "disk-missing", "The guest has no disk.");
  if (!std::ranges::contains(TRY(parts_.network.connected_guests()), guest.str()))
    return fail(ErrorCode::conflict, "network-missing", "The guest's network is not connected.");
  return memory_suffices(guest, kind);
}

// After an act, also one that failed: the guest may be in another state.
Result<GuestStatus> HostEngine::changed(Result<GuestStatus> status, GuestId const& guest) {
  changes_->tell(guest);
  return with_figures(TRY(std::move(status)), true);
}

Result<GuestStatus> HostEngine::start_guest(GuestId const& guest) {
  auto const held = TRY(hold(guest));
  auto const sight = TRY(look_known(guest));
  if (sight.status.state == GuestState::running) return with_figures(sight.status, true);
  TRY(may_start(guest, sight.status.kind));
  return changed(sight.driver->start(guest), guest);
}

Result<GuestStatus> HostEngine::stop_guest(contract::StopGuest const& wish) {
  auto const held = TRY(hold(wish.guest));
  auto const sight = TRY(look(wish.guest));
  if (!alive(sight.status.state)) return with_figures(sight.status, true);
  return changed(sight.driver->stop(wish), wish.guest);
}

Result<GuestStatus> HostEngine::act(GuestId const& guest, StatusCall call) {
  auto const held = TRY(hold(guest));
  auto const sight = TRY(look_known(guest));
  if (!alive(sight.status.state)) return fail(ErrorCode::conflict, "guest-not-running", "The guest does not run.");
  return changed((sight.driver->*call)(guest), guest);
}

Result<GuestStatus> HostEngine::pause_guest(GuestId const& guest) {
  return act(guest, &contract::GuestDriver::pause);
}
Result<GuestStatus> HostEngine::resume_guest(GuestId const& guest) {
  return act(guest, &contract::GuestDriver::resume);
}

// Figures are for looking at: one that cannot be had is left at zero, the state is still true.
GuestStatus HostEngine::with_figures(GuestStatus status, bool connected) {
  auto const guest = GuestId::parse(status.guest);
  if (!guest) return status;
  if (auto allocated = parts_.disks.disk_allocated_bytes(*guest)) status.disk_bytes = *allocated;
  if (!connected) return status;
  if (auto counted = parts_.network.counters(*guest)) {
    status.rx_bytes = counted->rx_bytes;
    status.tx_bytes = counted->tx_bytes;
  }
  return status;
}

Result<GuestStatus> HostEngine::guest(GuestId const& guest) {
  TRY(contract::check(guest));
  return with_figures(TRY(look(guest)).status, true);
}

// Where parts keep what belongs to one guest, a folder each (contract/driver.hpp).
std::array<std::filesystem::path, 3> HostEngine::homes_of_guests() const {
  auto const& [state, runtime] = parts_.directories;
  return {state / "guests", runtime / "guests", runtime / "containers"};
}

Result<std::vector<std::string>> HostEngine::folders_of_guests() const {
  std::vector<std::string> ids;
  for (auto const& home : homes_of_guests()) {
    std::error_code ec;
    for (std::filesystem::directory_iterator entry(home, ec), end; !ec && entry != end; entry.increment(ec))
      if (auto name = entry->path().filename().string(); contract::is_guest_id(name) && !is_empty_folder(entry->path()))
        ids.push_back(std::move(name));
    if (ec && ec != std::errc::no_such_file_or_directory) return fail_errno(ec.value(), "listing " + home.string());
  }
  return ids;
}

// Parts share a guest's folders; the last one to take its files away leaves them empty, but for what an engine that was
// killed did not finish writing.
void HostEngine::remove_empty_folders(GuestId const& guest) const {
  for (auto const& home : homes_of_guests()) {
    remove_unfinished_files(home / guest.str());
    ::rmdir((home / guest.str()).c_str());
  }
}

Result<std::vector<GuestStatus>> HostEngine::guests() {
  std::map<std::string, GuestStatus> seen;
  // A driver that does not answer makes the whole answer an error: a short list would read as guests that vanished.
  for (auto* driver : {&parts_.containers, &parts_.vms})
    for (auto& status : TRY(driver->list())) {
      auto id = status.guest;
      seen.insert_or_assign(std::move(id), std::move(status));
    }
  auto const connected_list = TRY(parts_.network.connected_guests());
  std::set<std::string> const connected(connected_list.begin(), connected_list.end());
  auto strays = TRY(folders_of_guests());
  strays.insert(strays.end(), connected.begin(), connected.end());
  for (auto const& id : strays) {
    if (seen.contains(id)) continue;
    GuestStatus stray;
    stray.guest = id;
    if (auto const guest = GuestId::parse(id)) {
      if (auto disk = parts_.disks.disk_path(*guest); disk && disk->extension() != ".qcow2")
        stray.kind = GuestKind::container;
    }
    seen.emplace(id, std::move(stray));
  }
  std::vector<GuestStatus> all;
  for (auto& [id, status] : seen) all.push_back(with_figures(std::move(status), connected.contains(id)));
  return all;
}

Result<void> HostEngine::monitor(std::stop_token const& stop, contract::GuestNewsListener const& heard) {
  return changes_->monitor(stop, heard);
}

Result<Descriptor> HostEngine::open_console(GuestId const& guest, contract::ConsoleKind kind) {
  TRY(contract::check(guest));
  auto const sight = TRY(look_known(guest));
  if (kind == contract::ConsoleKind::vnc && sight.driver == &parts_.containers)
    return fail(ErrorCode::unsupported, "no-screen", "Containers have no screen.");
  if (!alive(sight.status.state)) return fail(ErrorCode::conflict, "guest-not-running", "The guest does not run.");
  return sight.driver->open_console(guest, kind);
}

Result<void> HostEngine::resize_console(GuestId const& guest, contract::ConsoleSize const& size) {
  TRY(contract::check(guest));
  auto const sight = TRY(look_known(guest));
  if (!alive(sight.status.state)) return fail(ErrorCode::conflict, "guest-not-running", "The guest does not run.");
  return sight.driver->resize_console(guest, size);
}

}  // namespace berth::engine
