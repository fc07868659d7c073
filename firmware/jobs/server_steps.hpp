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

// The server of the job. Every job of a server has one.
ServerId const& server_of(StepRun const& run);

}  // namespace berth::jobs
