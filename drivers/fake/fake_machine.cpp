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

// The release that this machine says it runs.
constexpr char runs[] = "1.0.0";
constexpr char board_name[] = "pc-x86_64";

template <class T>
T text(std::string_view plain) {
  return T::parse(plain).value();
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
    : clock_(clock),
      options_(options),
      kept_(network_as_new()),
      updates_(clock, runs, board_name, options.update_takes) {
  time_.time_zone = text<Text<1, 64>>("Etc/UTC");
}

Result<void> FakeMachine::may_change() const {
  if (options_.appliance) return {};
  return fail(ErrorCode::unsupported, "not-an-appliance",
              "This machine was not set up by Berth, which leaves it alone.");
}

Result<void> FakeMachine::may(std::string_view call) {
  TRY(faults_.before(call));
  return may_change();
}

void FakeMachine::fail_update(std::string reason) {
  std::lock_guard lock(mutex_);
  updates_.fail_with(std::move(reason));
}

Result<MachineFacts> FakeMachine::facts() {
  TRY(faults_.before("facts"));
  std::lock_guard lock(mutex_);
  MachineFacts facts;
  facts.hostname = hostname_;
  facts.version = runs;
  facts.board = options_.appliance ? board_name : "development";
  facts.appliance = options_.appliance;
  facts.time_zone = time_.time_zone.str();
  facts.unix_seconds = to_ms(clock_.now()) / 1000;
  facts.clock_synchronised = time_.ntp;
  facts.uptime_s = 3600;
  return facts;
}

Result<void> FakeMachine::set_hostname(Hostname const& name) {
  TRY(may("set_hostname"));
  TRY(check_machine_name(name));
  std::lock_guard lock(mutex_);
  hostname_ = name.str();
  return {};
}

Result<TimeSettings> FakeMachine::time_settings() {
  TRY(faults_.before("time_settings"));
  std::lock_guard lock(mutex_);
  return time_;
}

Result<void> FakeMachine::set_time(TimeSettings const& settings) {
  TRY(may("set_time"));
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
  TRY(faults_.before("network"));
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
  TRY(may("try_network"));
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
  TRY(may("confirm_network"));
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
  TRY(may("revert_network"));
  std::lock_guard lock(mutex_);
  tried_.reset();
  return {};
}

Result<SshSettings> FakeMachine::ssh() {
  TRY(faults_.before("ssh"));
  std::lock_guard lock(mutex_);
  return ssh_;
}

Result<void> FakeMachine::set_ssh(SshSettings const& settings) {
  TRY(may("set_ssh"));
  TRY(check(settings));
  std::lock_guard lock(mutex_);
  ssh_ = settings;
  return {};
}

Result<Slots> FakeMachine::slots() {
  TRY(faults_.before("slots"));
  std::lock_guard lock(mutex_);
  return updates_.slots();
}

Result<void> FakeMachine::choose_slot(SlotName slot) {
  TRY(may("choose_slot"));
  std::lock_guard lock(mutex_);
  return updates_.choose_slot(slot);
}

Result<void> FakeMachine::install_update(Descriptor bundle) {
  TRY(may("install_update"));
  std::lock_guard lock(mutex_);
  return updates_.install(bundle);
}

Result<UpdateProgress> FakeMachine::update() {
  TRY(faults_.before("update"));
  std::lock_guard lock(mutex_);
  return updates_.progress();
}

Result<std::vector<FoundUpdate>> FakeMachine::find_updates() {
  TRY(may("find_updates"));
  std::lock_guard lock(mutex_);
  return updates_.found();
}

Result<void> FakeMachine::install_found(FoundUpdateId const& id) {
  TRY(may("install_found"));
  TRY(check_found_update_id(id));
  std::lock_guard lock(mutex_);
  return updates_.install_found(id);
}

Result<void> FakeMachine::power(PowerAct act) {
  TRY(may("power"));
  std::lock_guard lock(mutex_);
  power_ = act;
  return {};
}

Result<void> FakeMachine::factory_reset(FactoryReset const& wish) {
  TRY(may("factory_reset"));
  TRY(check(wish));
  std::lock_guard lock(mutex_);
  if (wish.confirm.str() != hostname_)
    return fail(ErrorCode::precondition_failed, "wrong-machine", "That is not this machine's name.");
  reset_ = wish.scope;
  return {};
}

Result<Descriptor> FakeMachine::support_bundle() {
  TRY(faults_.before("support_bundle"));
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

void FakeMachine::restarted() {
  std::lock_guard lock(mutex_);
  updates_.restarted();
}

}  // namespace berth::fake
