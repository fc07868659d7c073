#include "drivers/kvm/domain_status.hpp"

#include <libvirt/virterror.h>

#include <array>
#include <span>

#include "drivers/kvm/domain_xml.hpp"
#include "drivers/kvm/guest_files.hpp"

namespace berth::kvm {
namespace {

using contract::GuestState;
using contract::GuestStatus;

// Libvirt has more to tell, but asks QEMU for it (VIR_DOMAIN_STATS_CPU_TOTAL too) and then waits for one that hangs.
constexpr unsigned wanted_stats = VIR_DOMAIN_STATS_STATE;

struct FreeStats {
  void operator()(virDomainStatsRecordPtr* records) const { virDomainStatsRecordListFree(records); }
};
using Stats = std::unique_ptr<virDomainStatsRecordPtr, FreeStats>;

int whole_number(virDomainStatsRecord const& record, char const* field) {
  int value = 0;
  virTypedParamsGetInt(record.params, record.nparams, field, &value);
  return value;
}

GuestStatus status_of(virDomainStatsRecord const& record, std::string guest, std::filesystem::path const& pid_files) {
  GuestStatus status;
  auto translated = translate_state(whole_number(record, "state.state"), whole_number(record, "state.reason"));
  status.guest = std::move(guest);
  status.state = translated.state;
  status.reason = std::move(translated.reason);
  if (!is_active(status.state)) return status;
  auto const usage = process_usage(pid_files / (std::string(virDomainGetName(record.dom)) + ".pid"));
  status.cpu_ns = usage.cpu_ns;
  status.memory_bytes = usage.resident_bytes;
  return status;
}

std::string paused_because(int reason) {
  switch (reason) {
    case VIR_DOMAIN_PAUSED_USER:
      return "paused";
    case VIR_DOMAIN_PAUSED_IOERROR:
      return disk_error_reason;
    case VIR_DOMAIN_PAUSED_WATCHDOG:
      return "stopped by its watchdog";
    case VIR_DOMAIN_PAUSED_CRASHED:
      return "its system crashed";
    case VIR_DOMAIN_PAUSED_SAVE:
    case VIR_DOMAIN_PAUSED_DUMP:
    case VIR_DOMAIN_PAUSED_MIGRATION:
    case VIR_DOMAIN_PAUSED_SNAPSHOT:
      return "paused while its state is saved";
    case VIR_DOMAIN_PAUSED_STARTING_UP:
      return "about to start";
    default:
      return "stopped for a reason that libvirt does not tell";
  }
}

DomainState stopped_because(int reason) {
  switch (reason) {
    case VIR_DOMAIN_SHUTOFF_SHUTDOWN:
      return {GuestState::stopped, "shut down"};
    case VIR_DOMAIN_SHUTOFF_DESTROYED:
      return {GuestState::stopped, "switched off"};
    case VIR_DOMAIN_SHUTOFF_CRASHED:
      return {GuestState::crashed, "QEMU ended unexpectedly"};
    case VIR_DOMAIN_SHUTOFF_FAILED:
      return {GuestState::crashed, "QEMU could not start"};
    default:
      return {GuestState::stopped, ""};
  }
}

}  // namespace

std::optional<std::string> guest_of(virDomainPtr domain) {
  std::string_view const name = virDomainGetName(domain);
  std::array<char, VIR_UUID_STRING_BUFLEN> uuid{};
  if (!name.starts_with(domain_prefix) || virDomainGetUUIDString(domain, uuid.data()) != 0) return std::nullopt;
  if (name.substr(sizeof domain_prefix - 1) != uuid.data()) return std::nullopt;
  return uuid.data();
}

Result<Domain> find_domain(virConnectPtr connection, contract::GuestId const& guest) {
  Domain domain(virDomainLookupByUUIDString(connection, guest.str().c_str()));
  if (domain != nullptr) return domain;
  auto error = libvirt_error("look for the guest");
  if (error.error().code == ErrorCode::not_found) return domain;
  return error;
}

bool is_active(GuestState state) {
  return state != GuestState::absent && state != GuestState::stopped && state != GuestState::crashed;
}

DomainState translate_state(int state, int reason) {
  switch (state) {
    case VIR_DOMAIN_RUNNING:
    case VIR_DOMAIN_BLOCKED:
      return {GuestState::running, ""};
    case VIR_DOMAIN_PAUSED:
      return {reason == VIR_DOMAIN_PAUSED_STARTING_UP ? GuestState::starting : GuestState::paused,
              paused_because(reason)};
    case VIR_DOMAIN_PMSUSPENDED:
      return {GuestState::paused, "suspended by its own system"};
    case VIR_DOMAIN_SHUTDOWN:
      return {GuestState::stopping, ""};
    case VIR_DOMAIN_SHUTOFF:
      return stopped_because(reason);
    case VIR_DOMAIN_CRASHED:
      return {GuestState::crashed, "its system crashed"};
    default:
      return {GuestState::stopped, ""};
  }
}

Result<GuestStatus> read_status(virConnectPtr connection, contract::GuestId const& guest,
                                std::filesystem::path const& pid_files) {
  GuestStatus absent;
  absent.guest = guest.str();
  auto const domain = TRY(find_domain(connection, guest));
  if (domain == nullptr) return absent;
  std::array<virDomainPtr, 2> const one{domain.get(), nullptr};
  virDomainStatsRecordPtr* list = nullptr;
  int const count = virDomainListGetStats(const_cast<virDomainPtr*>(one.data()), wanted_stats, &list, 0);
  Stats const stats(list);
  if (count < 0) return libvirt_error("tell the guest's state");
  if (count == 0) return absent;  // undefined meanwhile
  return status_of(*list[0], guest.str(), pid_files);
}

Result<std::vector<GuestStatus>> read_all_status(virConnectPtr connection, std::filesystem::path const& pid_files) {
  virDomainStatsRecordPtr* list = nullptr;
  int const count = virConnectGetAllDomainStats(connection, wanted_stats, &list, 0);
  Stats const stats(list);
  if (count < 0) return libvirt_error("list the guests");
  std::vector<GuestStatus> all;
  for (auto const* record : std::span(list, static_cast<std::size_t>(count)))
    if (auto guest = guest_of(record->dom)) all.push_back(status_of(*record, *std::move(guest), pid_files));
  return all;
}

Result<void> explain_disk_error(virConnectPtr connection, GuestStatus& status) {
  Domain const domain(virDomainLookupByUUIDString(connection, status.guest.c_str()));
  if (domain == nullptr) return libvirt_error("look for the guest");
  std::array<virDomainDiskError, 4> errors{};
  int const count = virDomainGetDiskErrors(domain.get(), errors.data(), errors.size(), 0);
  if (count < 0) return libvirt_error("tell the disk's error");
  for (auto& error : std::span(errors).first(static_cast<std::size_t>(count))) {
    if (error.error == VIR_DOMAIN_DISK_ERROR_NO_SPACE) status.reason = "stopped because the machine's storage is full";
    free(error.disk);  // libvirt's malloc
  }
  return {};
}

}  // namespace berth::kvm
