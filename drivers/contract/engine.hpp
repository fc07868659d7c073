// The engine as the panel sees it: an interface with three bodies - the varlink client (client.hpp), the machine itself
// (drivers/engine) and the one in memory (drivers/fake). One contract suite (tests/contract) runs on all.
//
// Every call is idempotent: repeating it after success succeeds and changes nothing, so that a job step may run twice.
// Every call is thread-safe. Calls block; the longest are import_image, and stop_guest up to its timeout.
// Errors every call may give: invalid_argument (bounds, names), unavailable (libvirt or the engine does not answer within
// its deadline), io, internal. Others are named at the call.
#pragma once

#include <functional>
#include <optional>
#include <stop_token>
#include <vector>

#include "drivers/contract/types.hpp"
#include "firmware/base/descriptor.hpp"

namespace berth::contract {

// A guest whose state may be another one than before; nothing: that may be any of them.
using GuestNews = std::optional<GuestId>;
using GuestNewsListener = std::function<void(GuestNews const&)>;

class Engine {
 public:
  virtual ~Engine() = default;

  virtual Result<HostFacts> host() = 0;

  // Takes the file behind `file` (read from offset 0), checks its digest, unpacks or inspects it in the sandbox and keeps it.
  // Again with the same name and digest: the facts at once. Errors: corrupt (digest, format), exhausted (disk), conflict (same name, other digest).
  virtual Result<ImageFacts> import_image(ImportImage const& wish, Descriptor file) = 0;
  virtual Result<std::vector<ImageFacts>> images() = 0;
  // Errors: conflict while a guest's disk depends on it. Absent is success.
  virtual Result<void> remove_image(ImageName const& image) = 0;

  // A fresh disk that holds the image and has exactly size_bytes. Errors: not_found (image), invalid_argument (smaller than the image),
  // exhausted. When the guest has a disk already: success if the size is the same, else conflict.
  virtual Result<void> create_disk(CreateDisk const& wish) = 0;
  // Errors: conflict while the guest runs. Absent is success. Nothing of the disk's content can be read by a later guest.
  virtual Result<void> delete_disk(GuestId const& guest) = 0;

  // Makes the bridge, NAT, DHCP/DNS and the base rules as told. Changing the gateway while guests are connected: conflict.
  virtual Result<void> ensure_network(NetworkSpec const& network) = 0;
  // Reserves the guest's interface: anti-spoofing rules (MAC, ARP, IPv4, no IPv6 yet, no DHCP server, no RA), isolation from
  // other guests and the host, counters. Comes before start_guest. Errors: conflict when another guest holds the MAC or address.
  // Again with another peer_group: whom the guest may reach changes at once, while it runs, and not a packet is judged by
  // half of the old rules. The network alone knows the group: define_guest ignores it.
  virtual Result<void> connect_network(GuestId const& guest, NicSpec const& nic) = 0;
  virtual Result<void> disconnect_network(GuestId const& guest) = 0;

  // Keeps the definition (libvirt domain + seed, or OCI bundle). A changed spec replaces it while the guest is stopped; conflict while it runs.
  // Errors: not_found (image, disk).
  virtual Result<void> define_guest(GuestSpec const& spec) = 0;
  // Errors: conflict while it runs. Absent is success.
  virtual Result<void> undefine_guest(GuestId const& guest) = 0;

  // Until it runs (QEMU executes; the container's first process lives). Errors: not_found, exhausted (memory), conflict (no network or disk).
  virtual Result<GuestStatus> start_guest(GuestId const& guest) = 0;
  // Errors: timed_out (without force). A stopped or absent guest is success.
  virtual Result<GuestStatus> stop_guest(StopGuest const& wish) = 0;
  virtual Result<GuestStatus> pause_guest(GuestId const& guest) = 0;
  virtual Result<GuestStatus> resume_guest(GuestId const& guest) = 0;

  // An unknown guest is not an error: state absent.
  virtual Result<GuestStatus> guest(GuestId const& guest) = 0;
  // Everything that exists here in any part, known to the panel or not.
  virtual Result<std::vector<GuestStatus>> guests() = 0;

  // Tells of guests that are in another state, whoever or whatever brought it about, a moment after it is so; what they are
  // now is for guest() to say. Begins with nothing, once all that follows is heard, and may tell of a guest without cause.
  // Blocks until `stop` (success); `heard` is called on this thread. Errors: unavailable (the engine went).
  virtual Result<void> monitor(std::stop_token const& stop, GuestNewsListener const& heard) = 0;

  // A connected stream socket. serial: what the guest wrote lately (bounded ring), then both directions, shared by all viewers.
  // vnc: the RFB protocol of this guest alone; Error{unsupported} for containers. Errors: not_found, conflict (not running).
  virtual Result<Descriptor> open_console(GuestId const& guest, ConsoleKind kind) = 0;
  // The terminal's size, for containers; VMs ignore it.
  virtual Result<void> resize_console(GuestId const& guest, ConsoleSize const& size) = 0;
};

}  // namespace berth::contract
