// One look at the machine itself, and how it is kept.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "firmware/jobs/outside.hpp"
#include "firmware/store/store.hpp"

namespace berth::jobs {

// What the machine said, and what the panel has of it. Kept as JSON in store::MachineStore.
struct MachineSeen {
  contract::MachineFacts facts;
  contract::TimeSettings time;
  contract::NetworkState network;
  contract::SshSettings ssh;
  contract::Slots slots;
  contract::UpdateProgress update;
  std::vector<contract::FoundUpdate> found;
  std::optional<CertificateFacts> certificate;  // absent: it could not be read
  std::optional<BundleFacts> support_bundle;
};
BOOST_DESCRIBE_STRUCT(MachineSeen, (), (facts, time, network, ssh, slots, update, found, certificate, support_bundle))

struct MachineLook {
  MachineSeen seen;
  Moment at;
};

// The last look; nothing when there was none, or when it was kept by a release that wrote it otherwise.
Result<std::optional<MachineLook>> last_look(store::Snapshot& snapshot);

// found: also for updates on sticks and in the machine's folder, which takes seconds; else they are those of `before`.
enum class Depth { quick, with_found };
// Asks the machine. Errors: of Machine.
Result<MachineSeen> look_at_machine(Outside const& outside, std::optional<MachineLook> const& before, Depth depth);

// Keeps it as seen now, with an event for what changed. Time that goes by, and how far an update has come, are no change.
Result<void> record_machine(store::Transaction& tx, MachineSeen const& seen);

// Something is under way that is over by itself soon: a network on trial, an installation.
bool is_unsettled(MachineSeen const& seen);

}  // namespace berth::jobs
