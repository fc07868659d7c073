#include "drivers/contract/checks.hpp"

#include "drivers/contract/problems.hpp"

namespace berth::contract {
namespace {

constexpr std::string_view bad_guest = "must be a UUID in lower case with dashes";
constexpr std::string_view bad_image =
    "may hold lower-case letters, digits, single dots and dashes, and begins with a letter or digit";
constexpr std::string_view bad_address = "must be an IPv4 address";

std::uint32_t mask_of(std::int64_t prefix) {
  return ~std::uint32_t{0} << (32 - prefix);
}

// An address that a machine in that network may have: neither the network's own nor its broadcast address, and no
// loopback, multicast or "this network" (RFC 6890).
bool usable(std::uint32_t address, std::int64_t prefix) {
  auto const first = address >> 24;
  auto const host = address & ~mask_of(prefix);
  return first != 0 && first != 127 && first < 224 && host != 0 && host != ~mask_of(prefix);
}

void look_at(Problems& problems, NicSpec const& nic, std::string const& at) {
  problems.unless(is_mac(nic.mac), at + "/mac", "must be a unicast, locally administered MAC address in lower case");
  auto const address = parse_ipv4(nic.address);
  auto const gateway = parse_ipv4(nic.gateway);
  problems.unless(address && usable(*address, nic.prefix), at + "/address",
                  address ? "cannot be a machine's address" : bad_address);
  problems.unless(gateway && usable(*gateway, nic.prefix), at + "/gateway",
                  gateway ? "cannot be a machine's address" : bad_address);
  if (address && gateway) {
    problems.unless(*address != *gateway, at + "/address", "is the gateway's");
    problems.unless((*address & mask_of(nic.prefix)) == (*gateway & mask_of(nic.prefix)), at + "/gateway",
                    "is outside the address's network");
  }
  for (std::size_t i = 0; i < nic.dns.size(); ++i)
    problems.unless(parse_ipv4(nic.dns.items[i]).has_value(), at + "/dns/" + std::to_string(i), bad_address);
}

}  // namespace

std::optional<std::uint32_t> parse_ipv4(std::string_view text) {
  std::uint32_t address = 0;
  for (int part = 0; part < 4; ++part) {
    if (part > 0 && (text.empty() || text.front() != '.')) return std::nullopt;
    if (part > 0) text.remove_prefix(1);
    std::uint32_t value = 0;
    std::size_t digits = 0;
    for (; digits < text.size() && digits < 3 && text[digits] >= '0' && text[digits] <= '9'; ++digits)
      value = value * 10 + static_cast<std::uint32_t>(text[digits] - '0');
    if (digits == 0 || value > 255 || (digits > 1 && text.front() == '0')) return std::nullopt;
    address = address << 8 | value;
    text.remove_prefix(digits);
  }
  if (!text.empty()) return std::nullopt;
  return address;
}

Result<void> check(GuestId const& guest) {
  Problems problems;
  problems.unless(is_guest_id(guest), "/guest", bad_guest);
  return std::move(problems).answer();
}

Result<void> check_image_name(ImageName const& image) {
  Problems problems;
  problems.unless(is_image_name(image), "/image", bad_image);
  return std::move(problems).answer();
}

Result<void> check(ImportImage const& wish) {
  Problems problems;
  problems.unless(is_image_name(wish.image), "/image", bad_image);
  problems.unless(is_digest(wish.sha256), "/sha256", "must be 64 lower-case hex digits");
  problems.unless((wish.kind == GuestKind::vm) == (wish.format == ImageFormat::qcow2), "/format",
                  "does not fit the kind: qcow2 is for vm, oci_archive for container");
  return std::move(problems).answer();
}

Result<void> check(CreateDisk const& wish) {
  Problems problems;
  problems.unless(is_guest_id(wish.guest), "/guest", bad_guest);
  problems.unless(is_image_name(wish.image), "/image", bad_image);
  return std::move(problems).answer();
}

Result<void> check(NetworkSpec const& network) {
  Problems problems;
  auto const gateway = parse_ipv4(network.gateway);
  problems.unless(gateway && usable(*gateway, network.prefix), "/gateway",
                  gateway ? "cannot be a machine's address" : bad_address);
  return std::move(problems).answer();
}

Result<void> check(NicSpec const& nic) {
  Problems problems;
  look_at(problems, nic, "/nic");
  return std::move(problems).answer();
}

Result<void> check(GuestSpec const& spec) {
  Problems problems;
  problems.unless(is_guest_id(spec.guest), "/guest", bad_guest);
  problems.unless(is_image_name(spec.image), "/image", bad_image);
  problems.unless(is_hostname(spec.hostname), "/hostname", "may hold lower-case letters, digits and inner dashes");
  look_at(problems, spec.nic, "/nic");
  return std::move(problems).answer();
}

Result<void> check(StopGuest const& wish) {
  return check(wish.guest);
}

}  // namespace berth::contract
