// From the panel's rows to the engine's words.
#pragma once

#include "drivers/contract/types.hpp"
#include "firmware/base/result.hpp"
#include "firmware/store/store.hpp"

namespace berth::jobs {

// What the steps of a server's jobs need to know of it.
struct ServerFacts {
  store::Server server;
  store::Pool pool;
  std::uint32_t address = 0;  // IPv4 in host byte order
};
// Errors: not_found (the server, or its address, is gone).
Result<ServerFacts> server_facts(store::Snapshot& snapshot, ServerId const& id);

contract::GuestId guest_id(ServerId const& server);
// The server whose guest would have that id; nothing when it is none of ours.
std::optional<ServerId> server_of(std::string_view guest);
contract::ImageName image_name(ImageId const& image);
// The other way; nothing when the name is none of ours.
std::optional<ImageId> image_of(std::string_view name);
// Nobody can order it and no server of this machine rests on it, also because it is not known.
Result<bool> image_is_done_with(store::Snapshot& snapshot, ImageId const& id);
// Errors: invalid_argument when a row holds what the engine's bounds refuse.
Result<contract::NetworkSpec> network_spec(store::Pool const& pool);
Result<contract::CreateDisk> disk_spec(store::Server const& server);
Result<contract::NicSpec> nic_spec(ServerFacts const& facts);
Result<contract::GuestSpec> guest_spec(ServerFacts const& facts);

store::ObservedState observed(contract::GuestState state);
// The new observation: `status` after `before`. Totals go on where they were when the guest's counters began anew.
store::ServerObservation observe(store::ServerObservation const& before, contract::GuestStatus const& status,
                                 Moment now);

}  // namespace berth::jobs
