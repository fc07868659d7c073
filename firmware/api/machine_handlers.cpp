#include "firmware/api/machine_handlers.hpp"

#include "firmware/api/job_handlers.hpp"
#include "firmware/services/system/machine.hpp"

namespace berth::api {

Result<view::Machine> show_machine(Call& call, System const& system) {
  return view::of(TRY(services::show_machine(call, system)));
}

Result<Accepted> set_hostname(Call& call, System const& system, SetHostname const& wish) {
  return accepted(call, TRY(services::set_hostname(call, system, wish.hostname)));
}

Result<Accepted> set_time(Call& call, System const& system, contract::TimeSettings const& wish) {
  return accepted(call, TRY(services::set_time(call, system, wish)));
}

Result<Accepted> try_network(Call& call, System const& system, contract::TryNetwork const& wish) {
  return accepted(call, TRY(services::try_network(call, system, wish)));
}

Result<Accepted> confirm_network(Call& call, System const& system) {
  return accepted(call, TRY(services::confirm_network(call, system)));
}

Result<Accepted> revert_network(Call& call, System const& system) {
  return accepted(call, TRY(services::revert_network(call, system)));
}

Result<Accepted> set_ssh(Call& call, System const& system, contract::SshSettings const& wish) {
  return accepted(call, TRY(services::set_ssh(call, system, wish)));
}

Result<Accepted> send_update(Exchange& x, System const& system, services::FileSource const& file) {
  return accepted(x.call, TRY(services::install_sent(x.call, system, x.panel.machine_files, file)));
}

Result<Accepted> install_found_update(Call& call, System const& system, Own<contract::FoundUpdateId> found) {
  return accepted(call, TRY(services::install_found(call, system, found.id)));
}

Result<Accepted> check_updates(Call& call, System const& system) {
  return accepted(call, TRY(services::check_updates(call, system)));
}

Result<services::UpdatePolicy> set_update_policy(Call& call, System const& system, services::UpdatePolicy const& wish) {
  TRY(services::set_update_policy(call, system, wish));
  return wish;
}

Result<Accepted> choose_slot(Call& call, System const& system, ChooseSlot const& wish) {
  return accepted(call, TRY(services::choose_slot(call, system, wish.slot)));
}

Result<Accepted> restart_machine(Call& call, System const& system, ConfirmByName const& wish) {
  return accepted(call, TRY(services::restart(call, system, wish.confirm)));
}

Result<Accepted> power_off_machine(Call& call, System const& system, ConfirmByName const& wish) {
  return accepted(call, TRY(services::power_off(call, system, wish.confirm)));
}

Result<Accepted> factory_reset(Call& call, System const& system, contract::FactoryReset const& wish) {
  return accepted(call, TRY(services::factory_reset(call, system, wish)));
}

Result<Accepted> make_support_bundle(Call& call, System const& system) {
  return accepted(call, TRY(services::make_support_bundle(call, system)));
}

Result<Download> fetch_support_bundle(Exchange& x, System const&) {
  return Download{TRY(x.panel.machine_files.open_bundle()), "application/gzip", "berth-support.tar.gz",
                  x.call.actor.name()};
}

Result<Accepted> renew_certificate(Call& call, System const& system) {
  return accepted(call, TRY(services::renew_certificate(call, system)));
}

}  // namespace berth::api
