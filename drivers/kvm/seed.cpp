#include "drivers/kvm/seed.hpp"

#include <sodium.h>

#include <algorithm>
#include <format>

namespace berth::kvm {
namespace {

// "$6$salt$hash", also with "rounds=N$". cloud-init knows a hash by "$5$" or "$6$" (and older, weaker ones) and takes
// anything else, yescrypt's "$y$" among it, for a password in clear.
bool is_known_hash(std::string_view text) {
  auto const good = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' || c == '/' ||
           c == '$' || c == '=';
  };
  return (text.starts_with("$5$") || text.starts_with("$6$")) && std::ranges::count(text, '$') >= 3 &&
         !text.ends_with('$') && std::ranges::all_of(text, good);
}

json::object our_user_data(contract::GuestSpec const& spec) {
  auto const& seed = spec.seed;
  json::object config{{"hostname", spec.hostname.str()}};
  if (!seed.ssh_keys.empty()) {
    json::array keys;
    for (auto const& key : seed.ssh_keys) keys.emplace_back(key.str());
    config["ssh_authorized_keys"] = std::move(keys);
  }
  if (seed.password_crypt) {
    config["password"] = seed.password_crypt->str();
    config["chpasswd"] = json::object{{"expire", false}};
    config["ssh_pwauth"] = true;
  }
  return config;
}

// netplan also says "default" for "0.0.0.0/0", but cloud-init's own renderers (Debian 13's among them) refuse that word.
json::object network_config(contract::NicSpec const& nic) {
  json::object eth0{
      {"match", {{"macaddress", nic.mac.str()}}},
      {"set-name", "eth0"},
      {"dhcp4", false},
      {"dhcp6", false},
      {"addresses", json::array{std::format("{}/{}", nic.address.str(), nic.prefix.value)}},
      {"routes", json::array{{{"to", "0.0.0.0/0"}, {"via", nic.gateway.str()}}}},
  };
  if (!nic.dns.empty()) {
    json::array servers;
    for (auto const& server : nic.dns) servers.emplace_back(server.str());
    eth0["nameservers"] = json::object{{"addresses", std::move(servers)}};
  }
  return {{"version", 2}, {"ethernets", {{"eth0", std::move(eth0)}}}};
}

// Base64 in lines of 76 (RFC 2045 section 6.8).
std::string base64_lines(std::string_view text) {
  std::string line(sodium_base64_encoded_len(text.size(), sodium_base64_VARIANT_ORIGINAL), '\0');
  sodium_bin2base64(line.data(), line.size(), reinterpret_cast<unsigned char const*>(text.data()), text.size(),
                    sodium_base64_VARIANT_ORIGINAL);
  line.resize(line.size() - 1);
  std::string lines;
  for (std::size_t at = 0; at < line.size(); at += 76) lines += line.substr(at, 76) + "\n";
  return lines;
}

// Ours first. Both parts in base64: nothing in them can end a part. The customer's is text/plain, whose first line
// tells cloud-init what it is ("#cloud-config", "#!"); what it says beside ours is added, what ours says stays.
std::string multipart(std::string_view ours, std::string_view theirs) {
  constexpr std::string_view boundary = "==berth==";  // '=' at a line's start is not base64
  auto const part = [&](std::string_view type, std::string_view text) {
    return std::format(
        "--{}\nContent-Type: {}; charset=\"utf-8\"\nMIME-Version: 1.0\nContent-Transfer-Encoding: base64\n"
        "Merge-Type: list(append)+dict(no_replace,recurse_list)+str()\n\n{}\n",
        boundary, type, base64_lines(text));
  };
  return std::format("Content-Type: multipart/mixed; boundary=\"{}\"\nMIME-Version: 1.0\n\n{}{}--{}--\n", boundary,
                     part("text/cloud-config", ours), part("text/plain", theirs), boundary);
}

}  // namespace

Result<SeedDocuments> seed_documents(contract::GuestSpec const& spec) {
  if (spec.seed.password_crypt && !is_known_hash(*spec.seed.password_crypt))
    return fail_field("/seed/password_crypt", "must be a SHA-256 or SHA-512 crypt hash");
  SeedDocuments documents;
  documents.meta_data =
      json::serialize(json::object{{"instance-id", spec.guest.str()}, {"local-hostname", spec.hostname.str()}}) + "\n";
  documents.user_data = "#cloud-config\n" + json::serialize(our_user_data(spec)) + "\n";
  if (spec.seed.user_data) documents.user_data = multipart(documents.user_data, spec.seed.user_data->str());
  documents.vendor_data = "#cloud-config\n{}\n";
  documents.network_config = json::serialize(network_config(spec.nic)) + "\n";
  return documents;
}

}  // namespace berth::kvm
