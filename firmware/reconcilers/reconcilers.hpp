// The reconcilers there are.
#pragma once

#include <memory>

#include "drivers/contract/engine.hpp"
#include "firmware/jobs/outside.hpp"
#include "firmware/reconcilers/reconciler.hpp"

namespace berth::reconcilers {

// Every 3 s: what the engine sees becomes what the panel shows; drift and strays are told.
std::unique_ptr<Reconciler> observe_guests(contract::Engine& engine);
// Every 5 s: after a boot of the machine, starts the servers that should run, once.
std::unique_ptr<Reconciler> restore_power(contract::Engine& engine);
// Every minute: an image that the engine has lost is imported again.
std::unique_ptr<Reconciler> observe_images(contract::Engine& engine);
// Every hour: images that were superseded and that no server uses leave the engine, at most ten a run.
std::unique_ptr<Reconciler> image_janitor(contract::Engine& engine);
// Every minute, and every two seconds while a network is on trial or an update is installed: what the machine says of itself.
// Updates that were sent here and that no job needs any more go.
std::unique_ptr<Reconciler> observe_machine(jobs::Outside const& outside);
// Every minute: what the update policy says is to happen by itself.
std::unique_ptr<Reconciler> automatic_updates();
// Every minute: what has expired goes.
std::unique_ptr<Reconciler> expire_credentials();
// Every hour: finished jobs older than Settings::jobs_kept go, at most 1000 a run.
std::unique_ptr<Reconciler> job_janitor();
// Every ten minutes: events older than Settings::events_kept go, at most 1000 a run.
std::unique_ptr<Reconciler> event_janitor();
// Every hour: a good copy of the database at most a day old.
std::unique_ptr<Reconciler> database_copy();

}  // namespace berth::reconcilers
