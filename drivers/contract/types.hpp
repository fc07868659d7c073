// What the panel and the engine say to each other. Guests only: no customers, no money.
// The varlink interface org.berth.Engine (engine_idl.c) carries these structs as JSON; their bounds are checked on both sides.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "firmware/base/json.hpp"

namespace berth::contract {

// A guest's UUID in dashed lower-case form (36 characters). Libvirt's domain UUID, and the stem of every name below.
using GuestId = Text<36, 36>;
// The engine's name of an image: the panel's image UUID, dashed.
using ImageName = Text<1, 64>;
// Lower-case hex SHA-256.
using Digest = Text<64, 64>;
// "52:54:00:12:34:56", lower case, unicast, locally administered.
using MacAddress = Text<17, 17>;
// Dotted quad.
using Ipv4 = Text<7, 15>;
using Hostname = Text<1, 63>;

bool is_guest_id(std::string_view text);
bool is_image_name(std::string_view text);  // [a-z0-9][a-z0-9.-]*, no ".."
bool is_mac(std::string_view text);
bool is_hostname(std::string_view text);  // RFC 1123 label
bool is_digest(std::string_view text);

enum class GuestKind { vm, container };
BOOST_DESCRIBE_ENUM(GuestKind, vm, container)

// What the engine sees, never what somebody wished.
enum class GuestState { absent, stopped, starting, running, paused, stopping, crashed };
BOOST_DESCRIBE_ENUM(GuestState, absent, stopped, starting, running, paused, stopping, crashed)

enum class ImageFormat { qcow2, oci_archive };
BOOST_DESCRIBE_ENUM(ImageFormat, qcow2, oci_archive)

enum class Accelerator { kvm, tcg };
BOOST_DESCRIBE_ENUM(Accelerator, kvm, tcg)

enum class ConsoleKind { serial, vnc };
BOOST_DESCRIBE_ENUM(ConsoleKind, serial, vnc)

using Count = Number<0, (1LL << 53) - 1>;

struct HostFacts {
  std::string hostname;
  std::string kernel;
  std::string boot_id;  // changes whenever all guests are gone: a restart of the machine (or of the development stack)
  std::uint32_t cpus = 0;
  std::uint64_t memory_bytes = 0;
  std::uint64_t memory_free_bytes = 0;
  std::uint64_t storage_bytes = 0;
  std::uint64_t storage_free_bytes = 0;
  Accelerator accelerator = Accelerator::tcg;
  std::string
      accelerator_reason;  // one sentence: why this accelerator ("an ordinary guest could not execute on /dev/kvm: ...")
  bool reflink = false;    // the guests' file system clones in O(1)
};
BOOST_DESCRIBE_STRUCT(HostFacts, (),
                      (hostname, kernel, boot_id, cpus, memory_bytes, memory_free_bytes, storage_bytes,
                       storage_free_bytes, accelerator, accelerator_reason, reflink))

// The file itself travels as a descriptor beside the call: the engine opens no path that the panel chose.
struct ImportImage {
  ImageName image;
  GuestKind kind = GuestKind::vm;
  ImageFormat format = ImageFormat::qcow2;
  Digest sha256;  // of the whole file; a difference is Error{corrupt}
};
BOOST_DESCRIBE_STRUCT(ImportImage, (), (image, kind, format, sha256))

struct ImageFacts {
  std::string image;
  GuestKind kind = GuestKind::vm;
  std::uint64_t stored_bytes = 0;   // on this machine's disk
  std::uint64_t virtual_bytes = 0;  // smallest disk that holds it
};
BOOST_DESCRIBE_STRUCT(ImageFacts, (), (image, kind, stored_bytes, virtual_bytes))

using DiskSize = Number<std::int64_t{16} * 1024 * 1024, std::int64_t{1} << 46>;  // 16 MiB to 64 TiB, in bytes

struct CreateDisk {
  GuestId guest;
  GuestKind kind = GuestKind::vm;
  ImageName image;
  DiskSize size_bytes;
};
BOOST_DESCRIBE_STRUCT(CreateDisk, (), (guest, kind, image, size_bytes))

// The one bridge of this machine, its address (the guests' gateway and DNS), and whether guests reach out by NAT.
struct NetworkSpec {
  Ipv4 gateway;
  Number<8, 30> prefix;
  bool nat = true;
};
BOOST_DESCRIBE_STRUCT(NetworkSpec, (), (gateway, prefix, nat))

struct NicSpec {
  MacAddress mac;
  Ipv4 address;
  Number<8, 30> prefix;
  Ipv4 gateway;
  List<Ipv4, 4> dns;
  Number<0, 2147483647> peer_group;  // guests of one group above 0 may talk to each other; 0: to no other guest
};
BOOST_DESCRIBE_STRUCT(NicSpec, (), (mac, address, prefix, gateway, dns, peer_group))

// First boot answers: NoCloud for VMs (instance-id is the guest's id); containers take the hostname.
struct SeedSpec {
  List<Text<16, 8192>, 16> ssh_keys;           // OpenSSH public keys, one line each
  std::optional<Text<3, 256>> password_crypt;  // crypt(3) hash of the default user's password ("$6$...")
  std::optional<MultilineText<1, 65536>>
      user_data;  // the customer's own cloud-config, merged after ours as a MIME part
};
BOOST_DESCRIBE_STRUCT(SeedSpec, (), (ssh_keys, password_crypt, user_data))

struct GuestSpec {
  GuestId guest;
  GuestKind kind = GuestKind::vm;
  ImageName image;
  Hostname hostname;
  Number<1, 512> vcpus;
  Number<std::int64_t{4} * 1024 * 1024, std::int64_t{1} << 46> memory_bytes;
  DiskSize disk_bytes;
  NicSpec nic;
  SeedSpec seed;
};
BOOST_DESCRIBE_STRUCT(GuestSpec, (), (guest, kind, image, hostname, vcpus, memory_bytes, disk_bytes, nic, seed))

struct GuestStatus {
  std::string guest;
  GuestKind kind = GuestKind::vm;
  GuestState state = GuestState::absent;
  std::string reason;  // why it is in that state, when known: "exited with 1", "killed: out of memory"
  std::optional<std::int32_t> exit_code;  // containers, after they stopped
  std::uint64_t cpu_ns = 0;               // processor time used since start
  std::uint64_t memory_bytes = 0;         // resident now
  std::uint64_t disk_bytes = 0;           // allocated by its disk image now
  std::uint64_t rx_bytes = 0;             // counted at its interface since it was connected: received by the guest
  std::uint64_t tx_bytes = 0;
};
BOOST_DESCRIBE_STRUCT(GuestStatus, (),
                      (guest, kind, state, reason, exit_code, cpu_ns, memory_bytes, disk_bytes, rx_bytes, tx_bytes))

struct StopGuest {
  GuestId guest;
  Number<0, 3600> timeout_s;  // how long an orderly stop may take; 0 with force: at once
  bool force = false;         // after the timeout, cut the power; without it, Error{timed_out}
};
BOOST_DESCRIBE_STRUCT(StopGuest, (), (guest, timeout_s, force))

struct ConsoleSize {
  Number<1, 1000> columns;
  Number<1, 1000> rows;
};
BOOST_DESCRIBE_STRUCT(ConsoleSize, (), (columns, rows))

}  // namespace berth::contract
