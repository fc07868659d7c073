// The machine itself: what it last said, and what an administrator wants of it. A job does each of these wishes; its id is the
// answer. A wish that is under way already gives the same job.
//
// Errors of every wish: conflict ("job-under-way": something that it would contradict; "not-an-appliance": this machine was not
// set up by Berth and is left alone), unavailable ("machine-unknown": it was never looked at), and what is named.
#pragma once

#include <functional>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "drivers/contract/machine_types.hpp"
#include "firmware/jobs/machine_files.hpp"
#include "firmware/jobs/machine_observation.hpp"
#include "firmware/jobs/update_record.hpp"
#include "firmware/services/call.hpp"
#include "firmware/services/system/job_control.hpp"
#include "firmware/services/system/update_policy.hpp"

namespace berth::services {

struct MachineView {
  jobs::MachineLook look;  // what goes with time is as of now
  UpdatePolicy policy;
  jobs::UpdateRecord record;
  std::vector<JobView> jobs;  // under way, oldest first
};
Result<MachineView> show_machine(Call& call, Granted<access::System> const& system);

// Errors: invalid_argument (with a JSON pointer a field).
Result<JobId> set_hostname(Call& call, Granted<access::System> const& system, contract::Hostname const& name);
Result<JobId> set_time(Call& call, Granted<access::System> const& system, contract::TimeSettings const& settings);
Result<JobId> try_network(Call& call, Granted<access::System> const& system, contract::TryNetwork const& wish);
Result<JobId> confirm_network(Call& call, Granted<access::System> const& system);
Result<JobId> revert_network(Call& call, Granted<access::System> const& system);
Result<JobId> set_ssh(Call& call, Granted<access::System> const& system, contract::SshSettings const& settings);
Result<JobId> choose_slot(Call& call, Granted<access::System> const& system, contract::SlotName slot);

// A file that comes in pieces: fills the span and says how much; 0: it is over.
struct FileSource {
  std::uint64_t bytes = 0;
  std::function<Result<std::size_t>(std::span<char>)> read;
};
// Refuses before it reads anything. Errors: too_large, exhausted ("disk-full"), conflict ("upload-under-way"), of the source.
Result<JobId> install_sent(Call& call, Granted<access::System> const& system, jobs::MachineFiles& files,
                           FileSource const& source);
// Errors: not_found.
Result<JobId> install_found(Call& call, Granted<access::System> const& system, contract::FoundUpdateId const& id);
// Errors: conflict ("no-channel").
Result<JobId> check_updates(Call& call, Granted<access::System> const& system);

// `confirm` is the machine's name, typed by whoever knows what goes. Errors: invalid_argument ("/confirm").
Result<JobId> restart(Call& call, Granted<access::System> const& system, contract::Hostname const& confirm);
Result<JobId> power_off(Call& call, Granted<access::System> const& system, contract::Hostname const& confirm);
Result<JobId> factory_reset(Call& call, Granted<access::System> const& system, contract::FactoryReset const& wish);

Result<JobId> make_support_bundle(Call& call, Granted<access::System> const& system);
Result<JobId> renew_certificate(Call& call, Granted<access::System> const& system);

// For this folder: enqueues a job about the machine and tells the wish, unless it is under way already.
Result<JobId> ask_machine(Call& call, Granted<access::System> const& system, store::NewJob const& job,
                          std::string const& wish);

// What a look at the machine saw; one that is older than what is kept is dropped.
Result<void> record_machine(Call& call, Granted<access::System> const& system, jobs::MachineSeen const& seen);
// The updates in MachineFiles that a job under way still needs.
Result<std::set<std::string>> updates_in_use(Call& call, Granted<access::System> const& system);

}  // namespace berth::services
