#include "drivers/contract/dispatch_parts.hpp"

namespace berth::contract {
namespace {

using namespace dispatching;

// A method without parameters whose answer is one shape.
template <class Shape, auto Call>
Reply told(Machine& machine, json::value const& v, Descriptor) {
  TRY(decode<wire::Nothing>(v));
  return answer(Shape{TRY((machine.*Call)())});
}

// A method without parameters that answers nothing.
template <Result<void> (Machine::*Call)()>
Reply done_plainly(Machine& machine, json::value const& v, Descriptor) {
  TRY(decode<wire::Nothing>(v));
  return done((machine.*Call)());
}

// A method whose parameters are one struct of the contract, and that answers nothing.
template <class Wish, Result<void> (Machine::*Call)(Wish const&)>
Reply done_as(Machine& machine, json::value const& v, Descriptor) {
  auto wish = TRY(decode<Wish>(v));
  return done((machine.*Call)(wish));
}

Reply set_hostname(Machine& machine, json::value const& v, Descriptor) {
  auto wish = TRY(decode<wire::OfHostname>(v));
  return done(machine.set_hostname(wish.name));
}

Reply choose_slot(Machine& machine, json::value const& v, Descriptor) {
  auto wish = TRY(decode<wire::OfSlot>(v));
  return done(machine.choose_slot(wish.slot));
}

Reply install_update(Machine& machine, json::value const& v, Descriptor file) {
  TRY(decode<wire::Nothing>(v));
  return done(machine.install_update(std::move(file)));
}

Reply install_found(Machine& machine, json::value const& v, Descriptor) {
  auto wish = TRY(decode<wire::OfFoundUpdate>(v));
  return done(machine.install_found(wish.id));
}

Reply power(Machine& machine, json::value const& v, Descriptor) {
  auto wish = TRY(decode<wire::OfPower>(v));
  return done(machine.power(wish.act));
}

Reply support_bundle(Machine& machine, json::value const& v, Descriptor) {
  TRY(decode<wire::Nothing>(v));
  return DispatchReply{json::object{}, TRY(machine.support_bundle())};
}

constexpr DispatchRow<Machine> rows[] = {
    {"org.berth.Machine.Facts", reads, false, told<wire::FactsReply, &Machine::facts>},
    {"org.berth.Machine.SetHostname", acts, false, set_hostname},
    {"org.berth.Machine.TimeSettingsNow", reads, false, told<wire::TimeReply, &Machine::time_settings>},
    {"org.berth.Machine.SetTime", acts, false, done_as<TimeSettings, &Machine::set_time>},
    {"org.berth.Machine.Network", reads, false, told<wire::NetworkReply, &Machine::network>},
    {"org.berth.Machine.TryNetwork", acts, false, done_as<TryNetwork, &Machine::try_network>},
    {"org.berth.Machine.ConfirmNetwork", acts, false, done_plainly<&Machine::confirm_network>},
    {"org.berth.Machine.RevertNetwork", acts, false, done_plainly<&Machine::revert_network>},
    {"org.berth.Machine.Ssh", reads, false, told<wire::SshReply, &Machine::ssh>},
    {"org.berth.Machine.SetSsh", acts, false, done_as<SshSettings, &Machine::set_ssh>},
    {"org.berth.Machine.SlotsNow", reads, false, told<wire::SlotsReply, &Machine::slots>},
    {"org.berth.Machine.ChooseSlot", acts, false, choose_slot},
    {"org.berth.Machine.InstallUpdate", acts, true, install_update},
    {"org.berth.Machine.Update", reads, false, told<wire::UpdateReply, &Machine::update>},
    {"org.berth.Machine.FindUpdates", acts, false, told<wire::FoundUpdatesReply, &Machine::find_updates>},
    {"org.berth.Machine.InstallFound", acts, false, install_found},
    {"org.berth.Machine.Power", acts, false, power},
    {"org.berth.Machine.FactoryReset", acts, false, done_as<FactoryReset, &Machine::factory_reset>},
    {"org.berth.Machine.SupportBundle", acts, false, support_bundle},
};

}  // namespace

std::span<DispatchRow<Machine> const, machine_row_count> machine_rows() {
  return rows;
}

}  // namespace berth::contract
