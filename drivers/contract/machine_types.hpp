// What is said about the machine itself: its name, its clock, its network cards, its release. No guests, no customers.
// The varlink interface org.berth.Machine (machine_idl.c) carries these structs as JSON; bounds are checked on both sides.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "drivers/contract/types.hpp"

namespace berth::contract {

// 1 to 15 of [a-z0-9], inner dots, dashes and underscores, a letter first (Linux IFNAMSIZ - 1). A bond, bridge or VLAN is called
// that; a card keeps the kernel's name, and this is the operator's word for it.
using LinkName = Text<1, 15>;
// "192.0.2.10/24" or "2001:db8::10/64": an address with its prefix length (RFC 4632, RFC 4291).
using AddressWithPrefix = Text<0, 49>;
// An address without one; empty: none.
using PlainAddress = Text<0, 45>;
// RFC 1123 host name or an IP address.
using ServerName = Text<1, 253>;

bool is_link_name(std::string_view text);
bool is_server_name(std::string_view text);  // dotted RFC 1123 labels, or an IPv4 or IPv6 address

struct MachineFacts {
  std::string hostname;
  std::string version;     // of the release that runs
  std::string board;       // "pc-x86_64"; "development" outside the appliance
  bool appliance = false;  // false: the calls that change the machine are Error{unsupported}
  std::string time_zone;   // IANA name
  std::int64_t unix_seconds = 0;
  bool clock_synchronised = false;
  std::uint64_t uptime_s = 0;
  std::string last_rollback;  // why the release before this start was left; empty: it was not
};
BOOST_DESCRIBE_STRUCT(MachineFacts, (),
                      (hostname, version, board, appliance, time_zone, unix_seconds, clock_synchronised, uptime_s,
                       last_rollback))

struct TimeSettings {
  Text<1, 64> time_zone;  // IANA name, as in /usr/share/zoneinfo
  bool ntp = true;
  List<ServerName, 8> ntp_servers;                      // empty: those of the image
  std::optional<Number<0, 253402300799>> unix_seconds;  // sets the clock now, up to the year 9999; only without NTP
};
BOOST_DESCRIBE_STRUCT(TimeSettings, (), (time_zone, ntp, ntp_servers, unix_seconds))

enum class LinkKind { ethernet, bond, bridge, vlan };
BOOST_DESCRIBE_ENUM(LinkKind, ethernet, bond, bridge, vlan)

enum class BondMode { active_backup, lacp };
BOOST_DESCRIBE_ENUM(BondMode, active_backup, lacp)

// automatic: DHCP for IPv4; router advertisements, and DHCPv6 where they say so, for IPv6 (RFC 4861, RFC 8415).
enum class AddressMethod { automatic, fixed, off };
BOOST_DESCRIBE_ENUM(AddressMethod, automatic, fixed, off)

struct AddressSettings {
  AddressMethod method = AddressMethod::automatic;
  AddressWithPrefix address;  // fixed: required; else empty
  PlainAddress gateway;       // fixed: may be empty
};
BOOST_DESCRIBE_STRUCT(AddressSettings, (), (method, address, gateway))

// One link that this machine is told to have.
struct LinkSettings {
  LinkName name;
  LinkKind kind = LinkKind::ethernet;
  // ethernet: the cards it may be, by their MAC. None: any card that no other link names, so that a new card locks nobody out.
  List<MacAddress, 8> cards;
  List<LinkName, 8> members;  // bond (at least one), bridge (may be none): names of other links
  BondMode bond_mode = BondMode::active_backup;
  std::optional<LinkName> parent;          // vlan: the link it rides on
  std::optional<Number<1, 4094>> vlan_id;  // vlan: IEEE 802.1Q
  std::optional<Number<1280, 9216>> mtu;   // bytes; absent: the card's own
  AddressSettings ipv4;
  AddressSettings ipv6;
};
BOOST_DESCRIBE_STRUCT(LinkSettings, (), (name, kind, cards, members, bond_mode, parent, vlan_id, mtu, ipv4, ipv6))

struct NetworkSettings {
  List<LinkSettings, 16> links;
  List<PlainAddress, 4> dns;  // besides what DHCP says
  List<ServerName, 4> search;
};
BOOST_DESCRIBE_STRUCT(NetworkSettings, (), (links, dns, search))

// What a machine has that nobody told anything: one link named uplink, any card, every address automatic.
NetworkSettings network_as_new();
bool same(NetworkSettings const& one, NetworkSettings const& other);

struct TryNetwork {
  NetworkSettings settings;
  Number<30, 600> confirm_within_s;  // then the kept settings come back
};
BOOST_DESCRIBE_STRUCT(TryNetwork, (), (settings, confirm_within_s))

// A network card or a link made of some, as the kernel has it.
struct LinkFacts {
  std::string name;
  std::string mac;
  std::string driver;  // kernel module; empty for links without hardware
  bool carrier = false;
  std::vector<std::string> addresses;  // with prefix lengths, link-local ones left out
};
BOOST_DESCRIBE_STRUCT(LinkFacts, (), (name, mac, driver, carrier, addresses))

struct NetworkState {
  NetworkSettings kept;                  // what the machine comes up with
  std::optional<NetworkSettings> tried;  // in force, and not confirmed yet
  std::int64_t seconds_left = 0;         // until what is tried is taken back
  std::vector<LinkFacts> links;
};
BOOST_DESCRIBE_STRUCT(NetworkState, (), (kept, tried, seconds_left, links))

struct SshSettings {
  bool enabled = false;           // keys only, never passwords
  List<Text<16, 8192>, 16> keys;  // OpenSSH public keys of the administrator, one line each
};
BOOST_DESCRIBE_STRUCT(SshSettings, (), (enabled, keys))

enum class SlotName { a, b };
BOOST_DESCRIBE_ENUM(SlotName, a, b)

struct Slot {
  SlotName name = SlotName::a;
  std::string version;  // empty: nothing was ever installed there
  bool booted = false;
  bool good = false;            // it came up and passed the health contract
  std::int64_t tries_left = 0;  // starts before the other slot is taken
};
BOOST_DESCRIBE_STRUCT(Slot, (), (name, version, booted, good, tries_left))

struct Slots {
  std::vector<Slot> slots;
  SlotName next = SlotName::a;  // the one that the next start takes
};
BOOST_DESCRIBE_STRUCT(Slots, (), (slots, next))

struct UpdateProgress {
  bool running = false;
  std::int64_t percent = 0;
  std::string step;     // what the installer says it does
  std::string failure;  // of the last run; empty: none
  std::string version;  // being installed, or of the last run; empty: there was none
};
BOOST_DESCRIBE_STRUCT(UpdateProgress, (), (running, percent, step, failure, version))

// usb: a file system on a removable disk. folder: /data/updates.
enum class UpdatePlace { usb, folder };
BOOST_DESCRIBE_ENUM(UpdatePlace, usb, folder)

// 1 to 64 of [a-z0-9]: names one found bundle for as long as it lies where it was found, unchanged. Means nothing else.
using FoundUpdateId = Text<1, 64>;
bool is_found_update_id(std::string_view text);

// A bundle that lies within this machine's reach.
struct FoundUpdate {
  std::string id;
  UpdatePlace place = UpdatePlace::folder;
  std::string name;     // of its file
  std::string version;  // empty: it could not be read
  std::string board;    // that it is made for; empty: it could not be read
  std::uint64_t size_bytes = 0;
  bool compatible = false;  // install_found would begin
  std::string problem;      // why it would not, in a sentence; empty: it would
};
BOOST_DESCRIBE_STRUCT(FoundUpdate, (), (id, place, name, version, board, size_bytes, compatible, problem))

enum class PowerAct { restart, power_off };
BOOST_DESCRIBE_ENUM(PowerAct, restart, power_off)

// settings: the machine's own; the panel's with its certificate, guests and customers stay. everything: as new.
enum class ResetScope { settings, everything };
BOOST_DESCRIBE_ENUM(ResetScope, settings, everything)

struct FactoryReset {
  ResetScope scope = ResetScope::settings;
  Hostname confirm;  // the machine's own name: whoever asks knows which machine it is
};
BOOST_DESCRIBE_STRUCT(FactoryReset, (), (scope, confirm))

}  // namespace berth::contract
