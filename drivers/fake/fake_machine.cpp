#include "drivers/fake/fake_machine.hpp"

#include <archive.h>
#include <archive_entry.h>
#include <sys/mman.h>

#include <algorithm>
#include <cerrno>
#include <memory>

#include "drivers/contract/machine_checks.hpp"

namespace berth::fake {

using namespace contract;

namespace {

constexpr std::string_view bundle_begins = "berth-bundle ";

template <class T>
T text(std::string_view plain) {
  return T::parse(plain).value();
}

Slots first_slots() {
  return {{{.name = SlotName::a, .version = "1.0.0", .booted = true, .good = true, .tries_left = 3},
           {.name = SlotName::b, .version = "", .booted = false, .good = false, .tries_left = 0}},
          SlotName::a};
}

// "berth-bundle VERSION\n" -> VERSION.
Result<std::string> version_of(Descriptor const& bundle) {
  std::string head(80, '\0');
  auto const size = ::pread(bundle.get(), head.data(), head.size(), 0);
  if (size < 0) return fail_errno(errno, "reading the bundle");
  head.resize(static_cast<std::size_t>(size));
  auto const end = head.find('\n');
  if (!head.starts_with(bundle_begins) || end == std::string::npos || end == bundle_begins.size())
    return fail(ErrorCode::corrupt, "bundle-invalid",
                "This is not an update, or not signed by whom this machine trusts.");
  return head.substr(bundle_begins.size(), end - bundle_begins.size());
}

// A compressed tar of one file, in memory.
Result<Descriptor> tar_of(std::string const& name, std::string const& content) {
  Descriptor file(memfd_create("support-bundle", MFD_CLOEXEC));
  if (!file.valid()) return fail_errno(errno, "making a file in memory");
  std::unique_ptr<archive, decltype([](archive* a) { archive_write_free(a); })> tar(archive_write_new());
  std::unique_ptr<archive_entry, decltype([](archive_entry* e) { archive_entry_free(e); })> entry(archive_entry_new());
  archive_write_set_format_ustar(tar.get());
  archive_write_add_filter_gzip(tar.get());
  archive_entry_set_pathname(entry.get(), name.c_str());
  archive_entry_set_filetype(entry.get(), AE_IFREG);
  archive_entry_set_perm(entry.get(), 0600);
  archive_entry_set_size(entry.get(), static_cast<la_int64_t>(content.size()));
  if (archive_write_open_fd(tar.get(), file.get()) != ARCHIVE_OK ||
      archive_write_header(tar.get(), entry.get()) != ARCHIVE_OK ||
      archive_write_data(tar.get(), content.data(), content.size()) != static_cast<la_ssize_t>(content.size()) ||
      archive_write_close(tar.get()) != ARCHIVE_OK)
    return fail(ErrorCode::io, "bundle-failed", "The support bundle could not be written.");
  return file;
}

}  // namespace

FakeMachine::FakeMachine(Clock const& clock, FakeMachineOptions options)
    : clock_(clock), options_(options), kept_(network_as_new()), slots_(first_slots()) {
  time_.time_zone = text<Text<1, 64>>("Etc/UTC");
}

Result<void> FakeMachine::may_change() const {
  if (options_.appliance) return {};
  return fail(ErrorCode::unsupported, "not-an-appliance",
              "This machine was not set up by Berth, which leaves it alone.");
}

Result<MachineFacts> FakeMachine::facts() {
  std::lock_guard lock(mutex_);
  MachineFacts facts;
  facts.hostname = hostname_;
  facts.version = "1.0.0";
  facts.board = options_.appliance ? "pc-x86_64" : "development";
  facts.appliance = options_.appliance;
  facts.time_zone = time_.time_zone.str();
  facts.unix_seconds = to_ms(clock_.now()) / 1000;
  facts.clock_synchronised = time_.ntp;
  facts.uptime_s = 3600;
  return facts;
}

Result<void> FakeMachine::set_hostname(Hostname const& name) {
  TRY(may_change());
  TRY(check_machine_name(name));
  std::lock_guard lock(mutex_);
  hostname_ = name.str();
  return {};
}

Result<TimeSettings> FakeMachine::time_settings() {
  std::lock_guard lock(mutex_);
  return time_;
}

Result<void> FakeMachine::set_time(TimeSettings const& settings) {
  TRY(may_change());
  TRY(check(settings));
  std::lock_guard lock(mutex_);
  time_ = settings;
  time_.unix_seconds.reset();
  return {};
}

void FakeMachine::take_back_when_due() {
  if (tried_ && clock_.now() >= tried_until_) tried_.reset();
}

Result<NetworkState> FakeMachine::network() {
  std::lock_guard lock(mutex_);
  take_back_when_due();
  NetworkState state;
  state.kept = kept_;
  state.tried = tried_;
  if (tried_) state.seconds_left = std::max<std::int64_t>(1, (to_ms(tried_until_) - to_ms(clock_.now())) / 1000);
  state.links.push_back({"enp1s0", "52:54:00:00:00:01", "virtio_net", true, {"192.0.2.10/24"}});
  state.links.push_back({"enp2s0", "52:54:00:00:00:02", "virtio_net", false, {}});
  return state;
}

Result<void> FakeMachine::try_network(TryNetwork const& wish) {
  TRY(may_change());
  TRY(check(wish));
  std::lock_guard lock(mutex_);
  take_back_when_due();
  if (tried_ && same(*tried_, wish.settings)) return {};
  if (tried_) return fail(ErrorCode::conflict, "network-on-trial", "Other network settings are being tried.");
  tried_ = wish.settings;
  tried_until_ = clock_.now() + std::chrono::seconds(wish.confirm_within_s.value);
  confirmed_ = false;
  return {};
}

Result<void> FakeMachine::confirm_network() {
  TRY(may_change());
  std::lock_guard lock(mutex_);
  take_back_when_due();
  if (!tried_) {
    if (confirmed_) return {};
    return fail(ErrorCode::conflict, "network-not-on-trial", "No network settings are being tried.");
  }
  kept_ = *std::exchange(tried_, std::nullopt);
  confirmed_ = true;
  return {};
}

Result<void> FakeMachine::revert_network() {
  TRY(may_change());
  std::lock_guard lock(mutex_);
  tried_.reset();
  return {};
}

Result<SshSettings> FakeMachine::ssh() {
  std::lock_guard lock(mutex_);
  return ssh_;
}

Result<void> FakeMachine::set_ssh(SshSettings const& settings) {
  TRY(may_change());
  TRY(check(settings));
  std::lock_guard lock(mutex_);
  ssh_ = settings;
  return {};
}

Result<Slots> FakeMachine::slots() {
  std::lock_guard lock(mutex_);
  return slots_;
}

Result<void> FakeMachine::choose_slot(SlotName slot) {
  TRY(may_change());
  std::lock_guard lock(mutex_);
  auto const found = std::ranges::find(slots_.slots, slot, &Slot::name);
  if (found == slots_.slots.end() || found->version.empty())
    return fail(ErrorCode::conflict, "slot-empty", "Nothing is installed in that slot.");
  slots_.next = slot;
  return {};
}

Result<void> FakeMachine::install_update(Descriptor bundle) {
  TRY(may_change());
  auto version = TRY(version_of(bundle));
  std::lock_guard lock(mutex_);
  auto const other = std::ranges::find(slots_.slots, false, &Slot::booted);
  if (other == slots_.slots.end()) return fail(ErrorCode::internal, "slot-missing", "There is no other slot.");
  other->version = std::move(version);
  other->good = false;
  other->tries_left = 3;
  slots_.next = other->name;
  update_ = {.running = false, .percent = 100, .step = "installed", .failure = ""};
  return {};
}

Result<UpdateProgress> FakeMachine::update() {
  std::lock_guard lock(mutex_);
  return update_;
}

Result<void> FakeMachine::power(PowerAct act) {
  TRY(may_change());
  std::lock_guard lock(mutex_);
  power_ = act;
  return {};
}

Result<void> FakeMachine::factory_reset(FactoryReset const& wish) {
  TRY(may_change());
  TRY(check(wish));
  std::lock_guard lock(mutex_);
  if (wish.confirm.str() != hostname_)
    return fail(ErrorCode::precondition_failed, "wrong-machine", "That is not this machine's name.");
  reset_ = wish.scope;
  return {};
}

Result<Descriptor> FakeMachine::support_bundle() {
  return tar_of("berth-support/facts.json", write_json(TRY(facts())));
}

std::optional<PowerAct> FakeMachine::asked_power() const {
  std::lock_guard lock(mutex_);
  return power_;
}

std::optional<ResetScope> FakeMachine::asked_reset() const {
  std::lock_guard lock(mutex_);
  return reset_;
}

}  // namespace berth::fake
