// The machine itself: decode, call, encode.
#pragma once

#include "firmware/api/arguments.hpp"
#include "firmware/api/machine_requests.hpp"
#include "firmware/api/machine_views.hpp"

namespace berth::api {

using System = Granted<access::System>;

Result<view::Machine> show_machine(Call& call, System const& system);
Result<Accepted> set_hostname(Call& call, System const& system, SetHostname const& wish);
Result<Accepted> set_time(Call& call, System const& system, contract::TimeSettings const& wish);
Result<Accepted> try_network(Call& call, System const& system, contract::TryNetwork const& wish);
Result<Accepted> confirm_network(Call& call, System const& system);
Result<Accepted> revert_network(Call& call, System const& system);
Result<Accepted> set_ssh(Call& call, System const& system, contract::SshSettings const& wish);
Result<Accepted> send_update(Exchange& x, System const& system, services::FileSource const& file);
Result<Accepted> install_found_update(Call& call, System const& system, Own<contract::FoundUpdateId> id);
Result<Accepted> check_updates(Call& call, System const& system);
Result<services::UpdatePolicy> set_update_policy(Call& call, System const& system, services::UpdatePolicy const& wish);
Result<Accepted> choose_slot(Call& call, System const& system, ChooseSlot const& wish);
Result<Accepted> restart_machine(Call& call, System const& system, ConfirmByName const& wish);
Result<Accepted> power_off_machine(Call& call, System const& system, ConfirmByName const& wish);
Result<Accepted> factory_reset(Call& call, System const& system, contract::FactoryReset const& wish);
Result<Accepted> make_support_bundle(Call& call, System const& system);
Result<Download> fetch_support_bundle(Exchange& x, System const& system);
Result<Accepted> renew_certificate(Call& call, System const& system);

}  // namespace berth::api
