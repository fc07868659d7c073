#include "firmware/base/field_rule.hpp"

#include <array>

#include "firmware/base/units.hpp"

namespace berth {
namespace {

struct Row {
  FieldRule rule;
  std::string_view sentence;
};

constexpr std::array sentences{
    Row{FieldRule::required, "is required"},
    Row{FieldRule::unknown_field, "is not known here"},
    Row{FieldRule::not_boolean, "must be true or false"},
    Row{FieldRule::not_integer, "must be a whole number"},
    Row{FieldRule::not_text, "must be a string"},
    Row{FieldRule::not_list, "must be a list"},
    Row{FieldRule::not_object, "must be an object"},
    Row{FieldRule::not_one_of, "must be one of {allowed}"},
    Row{FieldRule::not_identifier, "is not a valid {allowed}_ identifier"},
    Row{FieldRule::out_of_range, "must be between {min} and {max}"},
    Row{FieldRule::too_many, "must have at most {max} entries"},
    Row{FieldRule::empty, "must not be empty"},
    Row{FieldRule::too_short, "must have at least {min} characters"},
    Row{FieldRule::too_long, "must have at most {max} bytes"},
    Row{FieldRule::not_utf8, "is not valid UTF-8"},
    Row{FieldRule::control_characters, "must not contain control characters or line breaks"},
    Row{FieldRule::outer_blanks, "must not begin or end with a blank"},
    Row{FieldRule::repeated, "stands twice"},
    Row{FieldRule::bad_encoding, "is not percent-encoded correctly"},
    Row{FieldRule::bad_cursor, "is not a cursor of this list"},
    Row{FieldRule::bad_event_id, "is not an id of this stream"},
    Row{FieldRule::bad_idempotency_key, "must be 1 to 255 visible ASCII characters"},
    Row{FieldRule::not_hostname, "must be a host name: up to 63 of a-z, 0-9 and inner hyphens"},
    Row{FieldRule::not_ssh_key, "must be an OpenSSH public key"},
    Row{FieldRule::no_such_image, "there is no such image"},
    Row{FieldRule::image_not_ready, "is not ready yet"},
    Row{FieldRule::no_such_plan, "there is no such plan"},
    Row{FieldRule::plan_of_other_kind, "is for another kind of server: {allowed}"},
    Row{FieldRule::plan_over_cpus, "has more processors than this machine, which has {max}"},
    Row{FieldRule::plan_over_memory, "has more memory than this machine, which has {max_bytes}"},
    Row{FieldRule::plan_over_free_memory, "has more memory than is not promised to other servers: {max_bytes} is free"},
    Row{FieldRule::plan_over_disk, "has a larger disk than this machine, which has {max_bytes}"},
    Row{FieldRule::storage_full, "cannot be had: the machine's storage is nearly full, {max_bytes} is free"},
    Row{FieldRule::plan_memory_too_small, "has too little memory: the image needs {min_bytes}"},
    Row{FieldRule::plan_disk_too_small, "has too small a disk: the image needs {min_bytes}"},
    Row{FieldRule::taken, "is taken"},
    Row{FieldRule::password_few_characters, "must not repeat the same few characters"},
    Row{FieldRule::password_sequence, "must not be a row of neighbouring characters"},
    Row{FieldRule::password_like_name, "must not be the user's name with a little added"},
    Row{FieldRule::password_digits_only, "must not consist of digits only"},
    Row{FieldRule::password_well_known, "is one of the passwords that everybody tries first"},
    Row{FieldRule::wrong_password, "is not right"},
    Row{FieldRule::wrong_setup_code, "is not the code that the machine shows"},
    Row{FieldRule::not_time_zone, "must be a time zone's name, such as Europe/Berlin"},
    Row{FieldRule::not_server_name, "must be a host name or an address"},
    Row{FieldRule::only_without_ntp, "goes without NTP"},
    Row{FieldRule::not_ipv4, "must be an IPv4 address or empty"},
    Row{FieldRule::not_ipv6, "must be an IPv6 address or empty"},
    Row{FieldRule::not_ipv4_prefix, "must be an IPv4 address with a prefix length, such as 192.0.2.10/24"},
    Row{FieldRule::not_ipv6_prefix, "must be an IPv6 address with a prefix length, such as 2001:db8::10/64"},
    Row{FieldRule::only_fixed, "goes with the method fixed"},
    Row{FieldRule::not_address, "must be an address"},
    Row{FieldRule::not_domain, "must be a domain name"},
    Row{FieldRule::not_link_name,
        "may hold lower-case letters, digits, inner dots, dashes and underscores, and begins with a letter"},
    Row{FieldRule::link_name_reserved, "is taken by this machine itself"},
    Row{FieldRule::only_vlan, "goes with the kind vlan"},
    Row{FieldRule::no_such_parent, "must name a card or a bond of these settings"},
    Row{FieldRule::only_ethernet, "go with the kind ethernet"},
    Row{FieldRule::one_takes_any_card, "only one link can take any card"},
    Row{FieldRule::not_card, "must be a card's MAC address in lower case"},
    Row{FieldRule::only_bond_or_bridge, "go with the kinds bond and bridge"},
    Row{FieldRule::no_member, "must name at least one card"},
    Row{FieldRule::no_such_card, "must name a card of these settings"},
    Row{FieldRule::no_such_member, "must name a card, bond or vlan of these settings"},
    Row{FieldRule::member_taken, "is a member already"},
    Row{FieldRule::member_with_addresses, "has addresses of its own: those belong to the bond or bridge"},
    Row{FieldRule::no_ssh_key, "must hold a key: there are no passwords"},
    Row{FieldRule::wrong_machine_name, "is not this machine's name"},
    Row{FieldRule::not_https_folder, "must be an https address without user, query or fragment"},
    Row{FieldRule::no_channel, "needs an update channel"},
    Row{FieldRule::not_time_of_day, "must be a time of day, such as 03:00"},
    Row{FieldRule::refused, "is refused"},
};
static_assert(
    [] {
      for (std::size_t i = 0; i < sentences.size(); ++i)
        if (sentences[i].rule != static_cast<FieldRule>(i)) return false;
      return sentences.size() == static_cast<std::size_t>(FieldRule::refused) + 1;
    }(),
    "every rule has its sentence, in the order of the list");

void fill(std::string& text, std::string_view name, std::string const& value) {
  if (auto const at = text.find(name); at != std::string::npos) text.replace(at, name.size(), value);
}

std::string mebibytes(std::int64_t bytes) {
  return std::to_string((bytes + mib - 1) / mib) + " MiB";
}

std::string sentence(FieldRule rule, FieldParams const& params) {
  std::string text(sentences[static_cast<std::size_t>(rule)].sentence);
  if (params.min) fill(text, "{min}", std::to_string(*params.min));
  if (params.max) fill(text, "{max}", std::to_string(*params.max));
  if (params.min_bytes) fill(text, "{min_bytes}", mebibytes(*params.min_bytes));
  if (params.max_bytes) fill(text, "{max_bytes}", mebibytes(*params.max_bytes));
  if (!params.allowed) return text;
  std::string list;
  for (auto const& one : *params.allowed) list += (list.empty() ? "" : ", ") + one;
  fill(text, "{allowed}", list);
  return text;
}

}  // namespace

Complaint::Complaint(FieldRule broken, FieldParams values)
    : rule(broken), params(std::move(values)), message(sentence(rule, params)) {}

}  // namespace berth
