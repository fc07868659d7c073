#include "tests/rules/crash_panel/machine_acts.hpp"

#include <functional>
#include <map>

#include "firmware/base/files.hpp"
#include "firmware/base/random.hpp"
#include "firmware/services/system/machine.hpp"

namespace berth::crash {
namespace {

constexpr std::string_view bundle = "berth-bundle 2.0.0\n";

services::FileSource source_of(std::string_view text) {
  return {text.size(), [text](std::span<char> out) mutable -> Result<std::size_t> {
            auto const n = text.copy(out.data(), out.size());
            text.remove_prefix(n);
            return n;
          }};
}

contract::SshSettings one_key() {
  contract::SshSettings settings;
  settings.enabled = true;
  settings.keys.items.push_back(
      Text<16, 8192>::parse(
          "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBTCPxJSfXrZEGcsBVM2oBfWeHTyZb8UPBJ3WWZE0n0O crash@test")
          .value());
  return settings;
}

contract::NetworkSettings other_network() {
  auto settings = contract::network_as_new();
  settings.links.items.front().mtu = Number<1280, 9216>{1400};
  return settings;
}

contract::Hostname hostname(std::string_view text) {
  return contract::Hostname::parse(text).value();
}

services::UpdatePolicy with_channel() {
  auto policy = services::first_update_policy();
  policy.channel_url = Text<0, 500>::parse("https://updates.example.org/berth").value();
  return policy;
}

}  // namespace

Result<jobs::CertificateFacts> CertificateFile::facts() {
  auto const text = read_file(file_, 1000);
  return jobs::CertificateFacts{.fingerprint = text.value_or(""), .expires_ms = 1, .names = {}, .self_signed = true};
}

Result<void> CertificateFile::renew(std::string const& name, std::vector<std::string> const&) {
  return replace_file(file_, name, 0600);
}

Result<jobs::Offer> ToldChannel::offer(std::string const&, std::string const&) {
  return jobs::Offer{"2.0.0", "berth.raucb", sha256_hex(bundle), bundle.size()};
}

Result<void> ToldChannel::fetch(std::string const&, jobs::Offer const&, Sink const& sink) {
  return sink(bundle);
}

Result<void> do_machine_act(services::Call& call, jobs::Outside const& outside, std::string const& act,
                            std::string const& subject) {
  auto const system = TRY(access::grant_system(call, access::Permission::system_manage));
  auto const look = [&]() -> Result<void> {
    auto const seen = TRY(jobs::look_at_machine(outside, std::nullopt, jobs::Depth::with_found));
    return call.write([&](store::Transaction& tx) { return jobs::record_machine(tx, seen); });
  };
  TRY(look());
  auto const own_name = hostname(TRY(outside.machine.facts()).hostname);
  using services::Call;
  std::map<std::string, std::function<Result<JobId>()>> const acts{
      {"machine.set-hostname", [&] { return services::set_hostname(call, system, hostname(subject)); }},
      {"machine.set-time",
       [&] {
         contract::TimeSettings settings;
         settings.time_zone = Text<1, 64>::parse("Europe/Berlin").value();
         return services::set_time(call, system, settings);
       }},
      {"machine.try-network",
       [&] { return services::try_network(call, system, {other_network(), Number<30, 600>{600}}); }},
      {"machine.confirm-network", [&] { return services::confirm_network(call, system); }},
      {"machine.revert-network", [&] { return services::revert_network(call, system); }},
      {"machine.set-ssh", [&] { return services::set_ssh(call, system, one_key()); }},
      {"machine.install-update",
       [&] { return services::install_sent(call, system, outside.files, source_of(bundle)); }},
      {"machine.check-updates",
       [&]() -> Result<JobId> {
         TRY(services::set_update_policy(call, system, with_channel()));
         return services::check_updates(call, system);
       }},
      {"machine.choose-slot", [&] { return services::choose_slot(call, system, contract::SlotName::a); }},
      {"machine.restart", [&] { return services::restart(call, system, own_name); }},
      {"machine.power-off", [&] { return services::power_off(call, system, own_name); }},
      {"machine.factory-reset",
       [&] { return services::factory_reset(call, system, {contract::ResetScope::settings, own_name}); }},
      {"machine.support-bundle", [&] { return services::make_support_bundle(call, system); }},
      {"machine.renew-certificate", [&] { return services::renew_certificate(call, system); }},
  };
  auto const found = acts.find(act);
  if (found == acts.end()) return fail(ErrorCode::invalid_argument, "no-such-act", act);
  TRY(found->second());
  return {};
}

}  // namespace berth::crash
