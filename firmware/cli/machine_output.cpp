#include "firmware/cli/machine_output.hpp"

#include <cstdio>

namespace berth::cli {
namespace {

// A column that shows a list of texts.
Column list(std::string_view title, std::string_view path) {
  return {title, [path](json::object const& object) -> std::string {
            auto const* at = &object;
            auto rest = path;
            for (auto dot = rest.find('.'); dot != std::string_view::npos; dot = rest.find('.')) {
              auto const* inner = at->if_contains(rest.substr(0, dot));
              if (inner == nullptr || !inner->is_object()) return "-";
              at = &inner->get_object();
              rest.remove_prefix(dot + 1);
            }
            auto const* found = at->if_contains(rest);
            if (found == nullptr || !found->is_array() || found->get_array().empty()) return "-";
            std::string text;
            for (auto const& one : found->get_array())
              text += (text.empty() ? "" : ", ") +
                      printable(one.is_string() ? std::string_view(one.get_string()) : json::serialize(one));
            return text;
          }};
}

// One member of the machine, as a list of objects.
json::array part(json::object const& machine, std::string_view name) {
  auto const* found = machine.if_contains(name);
  return found != nullptr && found->is_array() ? found->get_array() : json::array();
}

void heading(char const* text) {
  std::printf("\n%s\n", text);
}

}  // namespace

void show_machine(Session const& session, json::object const& machine) {
  show_one(
      session.format, machine,
      {member("Hostname", "hostname"), member("Version", "version"), member("Board", "board"),
       member("Set up by Berth", "appliance"), member("Uptime in seconds", "uptime_s"),
       member("Went back because", "last_rollback"), member("Time zone", "time.time_zone"), member("NTP", "time.ntp"),
       member("Clock synchronised", "time.synchronised"), member("SSH", "ssh.enabled"),
       member("Next slot", "next_slot"), member("Restart needed", "restart_needed"),
       member("Update channel", "update_policy.channel_url"),
       member("Updates by themselves", "update_policy.automatic"), member("Certificate", "certificate.fingerprint"),
       member("Expires", "certificate.expires_at"), list("Good for", "certificate.names"),
       member("Support bundle", "support_bundle.made_at"), member("Seen", "observed_at")});
}

void show_network(Session const& session, json::object const& machine) {
  auto const& network = machine.at("network").as_object();
  if (session.format != Format::table) return show_one(session.format, network, {});
  show_list(session.format, part(network, "links"),
            {member("LINK", "name"), member("MAC", "mac"), member("DRIVER", "driver"), member("CARRIER", "carrier"),
             list("ADDRESSES", "addresses")});
  std::vector<Column> const columns{member("NAME", "name"),
                                    member("KIND", "kind"),
                                    member("IPV4", "ipv4.method"),
                                    member("ADDRESS", "ipv4.address"),
                                    member("GATEWAY", "ipv4.gateway"),
                                    member("IPV6", "ipv6.method"),
                                    member("ADDRESS", "ipv6.address")};
  heading("Kept:");
  show_list(session.format, part(network.at("kept").as_object(), "links"), columns);
  auto const* tried = network.if_contains("tried");
  if (tried == nullptr || !tried->is_object()) return;
  heading(("On trial for " + member_text(network, "seconds_left") + " more seconds:").c_str());
  show_list(session.format, part(tried->get_object(), "links"), columns);
}

void show_updates(Session const& session, json::object const& machine) {
  if (session.format != Format::table) {
    json::object shown;
    for (auto const* name : {"version", "board", "slots", "next_slot", "restart_needed", "update", "found_updates",
                             "update_policy", "last_check"})
      if (auto const* value = machine.if_contains(name)) shown[name] = *value;
    return show_one(session.format, shown, {});
  }
  show_list(session.format, part(machine, "slots"),
            {member("SLOT", "name"), member("VERSION", "version"), member("RUNS", "booted"), member("GOOD", "good"),
             member("TRIES LEFT", "tries_left")});
  std::printf("\nNext start: slot %s\n", member_text(machine, "next_slot").c_str());
  if (auto const found = part(machine, "found_updates"); !found.empty()) {
    heading("Within reach:");
    show_list(session.format, found,
              {member("ID", "id"), member("PLACE", "place"), member("VERSION", "version"), member("BOARD", "board"),
               bytes("SIZE", "size_bytes"), member("FOR US", "compatible"), member("PROBLEM", "problem")});
  }
}

}  // namespace berth::cli
