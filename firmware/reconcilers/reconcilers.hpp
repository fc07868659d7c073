// The reconcilers there are.
#pragma once

#include <memory>

#include "drivers/contract/engine.hpp"
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
// Every minute: what has expired goes.
std::unique_ptr<Reconciler> expire_credentials();
// Every hour: finished jobs older than Settings::jobs_kept go, at most 1000 a run.
std::unique_ptr<Reconciler> job_janitor();
// Every ten minutes: events older than Settings::events_kept go, at most 1000 a run.
std::unique_ptr<Reconciler> event_janitor();
// Every hour: a good copy of the database at most a day old.
std::unique_ptr<Reconciler> database_copy();

}  // namespace berth::reconcilers
