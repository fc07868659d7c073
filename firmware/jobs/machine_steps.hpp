// Steps that several jobs about the machine itself share. Each may run twice.
#pragma once

#include "firmware/jobs/job.hpp"

namespace berth::jobs {

inline constexpr std::string_view record_machine_name = "record what the machine says";

Result<void> record_machine_state(StepRun& run);

}  // namespace berth::jobs
