#include "drivers/contract/machine_types.hpp"

#include <arpa/inet.h>

#include <algorithm>

namespace berth::contract {
namespace {

bool is_any_address(std::string_view text) {
  in6_addr parsed{};
  std::string const plain(text);  // no NUL inside: Text has none
  return inet_pton(AF_INET, plain.c_str(), &parsed) == 1 || inet_pton(AF_INET6, plain.c_str(), &parsed) == 1;
}

}  // namespace

bool is_link_name(std::string_view text) {
  auto const plain = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
  return !text.empty() && text.size() <= 15 && text.front() >= 'a' && text.front() <= 'z' && plain(text.back()) &&
         std::ranges::all_of(text, [&](char c) { return plain(c) || c == '.' || c == '-' || c == '_'; });
}

bool is_server_name(std::string_view text) {
  if (text.empty() || text.size() > 253 || text.contains('\0')) return false;
  if (is_any_address(text)) return true;
  while (true) {
    auto const dot = text.find('.');
    if (!is_hostname(text.substr(0, dot))) return false;
    if (dot == std::string_view::npos) return true;
    text.remove_prefix(dot + 1);
  }
}

bool is_found_update_id(std::string_view text) {
  return !text.empty() && text.size() <= 64 &&
         std::ranges::all_of(text, [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); });
}

NetworkSettings network_as_new() {
  LinkSettings any;
  any.name = LinkName::parse("uplink").value();
  NetworkSettings settings;
  settings.links.items.push_back(std::move(any));
  return settings;
}

bool same(NetworkSettings const& one, NetworkSettings const& other) {
  return write_json(one) == write_json(other);
}

}  // namespace berth::contract
