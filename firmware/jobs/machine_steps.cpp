#include "firmware/jobs/machine_steps.hpp"

#include "firmware/jobs/machine_observation.hpp"

namespace berth::jobs {

Result<void> record_machine_state(StepRun& run) {
  auto const before = TRY(run.store.read([](store::Snapshot& s) { return last_look(s); }));
  auto const seen = TRY(look_at_machine(run.outside, before, Depth::quick));
  return run.store.write(
      store::Author{run.job.actor, run.now()}, [&](store::Transaction& tx) { return record_machine(tx, seen); },
      store::Durability::process);
}

}  // namespace berth::jobs
