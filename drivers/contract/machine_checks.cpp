#include "drivers/contract/machine_checks.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <set>

#include "drivers/contract/problems.hpp"
#include "drivers/contract/ssh_key.hpp"

namespace berth::contract {
namespace {

bool is_address(std::string_view text, int family) {
  in6_addr parsed{};
  return !text.contains('\0') && inet_pton(family, std::string(text).c_str(), &parsed) == 1;
}
bool is_any_address(std::string_view text) {
  return is_address(text, AF_INET) || is_address(text, AF_INET6);
}

bool has_prefix(std::string_view text, int family) {
  auto const slash = text.find('/');
  if (slash == std::string_view::npos || !is_address(text.substr(0, slash), family)) return false;
  auto const digits = text.substr(slash + 1);
  int prefix = 0;
  auto const [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), prefix);
  return error == std::errc{} && end == digits.data() + digits.size() && digits.front() != '+' && prefix >= 1 &&
         prefix <= (family == AF_INET ? 32 : 128);
}

// A card's own address: unicast, whoever administers it (IEEE 802).
bool is_card(std::string_view mac) {
  if (mac.size() != 17) return false;
  auto const hex = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
  for (std::size_t i = 0; i < mac.size(); ++i)
    if (i % 3 == 2 ? mac[i] != ':' : !hex(mac[i])) return false;
  return mac != "00:00:00:00:00:00" && std::string_view("02468ace").contains(mac[1]);
}

bool is_zone_name(std::string_view text) {
  return !text.empty() && text.front() != '/' && text.front() != '.' && !text.contains("..") &&
         std::ranges::all_of(text, [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  std::string_view("/_+-.").contains(c);
         });
}

void look_at(Problems& problems, AddressSettings const& settings, int family, std::string const& at) {
  auto const form = family == AF_INET ? FieldRule::not_ipv4_prefix : FieldRule::not_ipv6_prefix;
  if (settings.method == AddressMethod::fixed) {
    problems.unless(has_prefix(settings.address, family), at + "/address", form);
    problems.unless(settings.gateway.empty() || is_address(settings.gateway, family), at + "/gateway",
                    family == AF_INET ? FieldRule::not_ipv4 : FieldRule::not_ipv6);
  } else {
    problems.unless(settings.address.empty(), at + "/address", FieldRule::only_fixed);
    problems.unless(settings.gateway.empty(), at + "/gateway", FieldRule::only_fixed);
  }
}

// The guests' interfaces and bridge, and what the kernel makes itself.
bool is_taken_name(std::string_view name) {
  return name.starts_with("bt") || name.starts_with("berth") || name == "lo" || name == "all" || name == "default";
}

// How the links refer to each other.
class Links {
 public:
  explicit Links(NetworkSettings const& settings) : settings_(settings) {}

  void look_at_all(Problems& problems) {
    for (std::size_t i = 0; i < settings_.links.size(); ++i)
      look_at_one(problems, settings_.links.items[i], "/settings/links/" + std::to_string(i));
  }

 private:
  LinkSettings const* find(std::string_view name) const {
    auto const found = std::ranges::find(settings_.links.items, name, [](auto const& l) { return l.name.str(); });
    return found == settings_.links.items.end() ? nullptr : &*found;
  }

  void look_at_one(Problems& problems, LinkSettings const& link, std::string const& at) {
    problems.unless(is_link_name(link.name), at + "/name", FieldRule::not_link_name);
    problems.unless(!is_taken_name(link.name), at + "/name", FieldRule::link_name_reserved);
    problems.unless(names_.insert(link.name.str()).second, at + "/name", FieldRule::repeated);
    look_at_cards(problems, link, at);
    look_at_members(problems, link, at);
    bool const vlan = link.kind == LinkKind::vlan;
    problems.unless(link.parent.has_value() == vlan, at + "/parent", vlan ? FieldRule::required : FieldRule::only_vlan);
    problems.unless(link.vlan_id.has_value() == vlan, at + "/vlan_id",
                    vlan ? FieldRule::required : FieldRule::only_vlan);
    if (vlan && link.parent) {
      auto const* parent = find(*link.parent);
      problems.unless(parent != nullptr && parent->kind != LinkKind::vlan && parent->kind != LinkKind::bridge,
                      at + "/parent", FieldRule::no_such_parent);
    }
    look_at(problems, link.ipv4, AF_INET, at + "/ipv4");
    look_at(problems, link.ipv6, AF_INET6, at + "/ipv6");
  }

  void look_at_cards(Problems& problems, LinkSettings const& link, std::string const& at) {
    if (link.kind != LinkKind::ethernet) {
      problems.unless(link.cards.empty(), at + "/cards", FieldRule::only_ethernet);
      return;
    }
    if (link.cards.empty()) {
      problems.unless(!catch_all_, at + "/cards", FieldRule::one_takes_any_card);
      catch_all_ = true;
    }
    for (std::size_t i = 0; i < link.cards.size(); ++i) {
      auto const& mac = link.cards.items[i].str();
      problems.unless(is_card(mac), at + "/cards/" + std::to_string(i), FieldRule::not_card);
      problems.unless(cards_.insert(mac).second, at + "/cards/" + std::to_string(i), FieldRule::repeated);
    }
  }

  void look_at_members(Problems& problems, LinkSettings const& link, std::string const& at) {
    bool const bond = link.kind == LinkKind::bond, bridge = link.kind == LinkKind::bridge;
    if (!bond && !bridge) {
      problems.unless(link.members.empty(), at + "/members", FieldRule::only_bond_or_bridge);
      return;
    }
    if (bond) problems.unless(!link.members.empty(), at + "/members", FieldRule::no_member);
    for (std::size_t i = 0; i < link.members.size(); ++i) {
      auto const& name = link.members.items[i].str();
      auto const pointer = at + "/members/" + std::to_string(i);
      auto const* member = find(name);
      bool const fits =
          member != nullptr && (bond ? member->kind == LinkKind::ethernet : member->kind != LinkKind::bridge);
      problems.unless(fits, pointer, bond ? FieldRule::no_such_card : FieldRule::no_such_member);
      problems.unless(members_.insert(name).second, pointer, FieldRule::member_taken);
      if (fits)
        problems.unless(member->ipv4.method == AddressMethod::off && member->ipv6.method == AddressMethod::off, pointer,
                        FieldRule::member_with_addresses);
    }
  }

  NetworkSettings const& settings_;
  std::set<std::string> names_, cards_, members_;
  bool catch_all_ = false;
};

}  // namespace

Result<void> check(TimeSettings const& settings) {
  Problems problems;
  problems.unless(is_zone_name(settings.time_zone), "/time_zone", FieldRule::not_time_zone);
  for (std::size_t i = 0; i < settings.ntp_servers.size(); ++i)
    problems.unless(is_server_name(settings.ntp_servers.items[i]), "/ntp_servers/" + std::to_string(i),
                    FieldRule::not_server_name);
  problems.unless(!settings.ntp || !settings.unix_seconds, "/unix_seconds", FieldRule::only_without_ntp);
  return std::move(problems).answer();
}

Result<void> check(NetworkSettings const& settings) {
  Problems problems;
  problems.unless(!settings.links.empty(), "/settings/links", FieldRule::empty);
  Links(settings).look_at_all(problems);
  for (std::size_t i = 0; i < settings.dns.size(); ++i)
    problems.unless(is_any_address(settings.dns.items[i]), "/settings/dns/" + std::to_string(i),
                    FieldRule::not_address);
  for (std::size_t i = 0; i < settings.search.size(); ++i)
    problems.unless(is_server_name(settings.search.items[i]) && !is_any_address(settings.search.items[i]),
                    "/settings/search/" + std::to_string(i), FieldRule::not_domain);
  return std::move(problems).answer();
}

Result<void> check(TryNetwork const& wish) {
  return check(wish.settings);
}

Result<void> check(SshSettings const& settings) {
  Problems problems;
  for (std::size_t i = 0; i < settings.keys.size(); ++i) {
    bool const known = is_ssh_public_key(settings.keys.items[i]);
    problems.unless(known, "/keys/" + std::to_string(i), FieldRule::not_ssh_key);
  }
  problems.unless(!settings.enabled || !settings.keys.empty(), "/keys", FieldRule::no_ssh_key);
  return std::move(problems).answer();
}

Result<void> check(FactoryReset const& wish) {
  Problems problems;
  problems.unless(is_hostname(wish.confirm), "/confirm", FieldRule::not_hostname);
  return std::move(problems).answer();
}

Result<void> check_machine_name(Hostname const& name) {
  Problems problems;
  problems.unless(is_hostname(name), "/name", FieldRule::not_hostname);
  return std::move(problems).answer();
}

Result<void> check_found_update_id(FoundUpdateId const& id) {
  Problems problems;
  problems.unless(is_found_update_id(id), "/id", "may hold lower-case letters and digits");
  return std::move(problems).answer();
}

}  // namespace berth::contract
