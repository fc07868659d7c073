// The machine itself, as shown. What needs no other words is the contract's own.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "drivers/contract/machine_types.hpp"
#include "firmware/api/job_views.hpp"
#include "firmware/base/json.hpp"
#include "firmware/services/system/machine.hpp"

namespace berth::api::view {

struct MachineTime {
  std::string time_zone;
  bool ntp = true;
  std::vector<std::string> ntp_servers;  // empty: those of the image
  bool synchronised = false;
  std::int64_t unix_seconds = 0;
};
BOOST_DESCRIBE_STRUCT(MachineTime, (), (time_zone, ntp, ntp_servers, synchronised, unix_seconds))

struct Certificate {
  std::string fingerprint;  // SHA-256
  Moment expires_at;
  std::vector<std::string> names;
  bool self_signed = false;
};
BOOST_DESCRIBE_STRUCT(Certificate, (), (fingerprint, expires_at, names, self_signed))

struct SupportBundle {
  Moment made_at;
  std::uint64_t size_bytes = 0;
};
BOOST_DESCRIBE_STRUCT(SupportBundle, (), (made_at, size_bytes))

struct UpdateCheck {
  Moment at;
  std::optional<std::string> version;  // that the channel offered
  std::optional<std::string> problem;
};
BOOST_DESCRIBE_STRUCT(UpdateCheck, (), (at, version, problem))

struct Machine {
  Moment observed_at;
  bool appliance = false;  // false: it can be looked at, and nothing of it can be changed
  std::string hostname;
  std::string version;
  std::string board;
  std::uint64_t uptime_s = 0;
  std::optional<std::string> last_rollback;  // why the release before this start was left
  MachineTime time;
  contract::NetworkState network;
  contract::SshSettings ssh;
  std::vector<contract::Slot> slots;
  contract::SlotName next_slot = contract::SlotName::a;
  bool restart_needed = false;  // another release than the one that runs is next
  contract::UpdateProgress update;
  std::vector<contract::FoundUpdate> found_updates;
  services::UpdatePolicy update_policy;
  std::optional<UpdateCheck> last_check;  // of the update channel
  std::optional<Certificate> certificate;
  std::optional<SupportBundle> support_bundle;
  std::vector<Job> jobs;  // about the machine, under way, oldest first
};
BOOST_DESCRIBE_STRUCT(Machine, (),
                      (observed_at, appliance, hostname, version, board, uptime_s, last_rollback, time, network, ssh,
                       slots, next_slot, restart_needed, update, found_updates, update_policy, last_check, certificate,
                       support_bundle, jobs))

Machine of(services::MachineView const& machine);

}  // namespace berth::api::view
