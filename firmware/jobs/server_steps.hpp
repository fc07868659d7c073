// Steps that several jobs of a server share. Each may run twice; each undo may run without its act.
#pragma once

#include "firmware/jobs/job.hpp"

namespace berth::jobs {

Result<void> start_guest(StepRun& run);
// At once, without asking the guest.
Result<void> cut_power(StepRun& run);
Result<void> undefine_guest(StepRun& run);
Result<void> disconnect_network(StepRun& run);
Result<void> delete_disk(StepRun& run);
Result<void> record_state(StepRun& run);

// For JobType::failed: wanted is again what was wanted before the job, unless all was done but its record, the last step.
Result<void> take_back_wish(store::Transaction& tx, store::Job const& job);
// For JobType::retried: wanted as when it was asked for first.
Result<void> wish_again(store::Transaction& tx, store::Job const& job);

// The server of the job. Every job of a server has one.
ServerId const& server_of(StepRun const& run);

}  // namespace berth::jobs
