// What the engine is made of: each part behind a small interface, so that drivers/engine can put them together and
// tests can hold one alone. Same rules as engine.hpp: idempotent, thread-safe, blocking, errors as values.
#pragma once

#include <filesystem>
#include <functional>
#include <vector>

#include "drivers/contract/types.hpp"
#include "firmware/base/descriptor.hpp"

namespace berth::contract {

// Where the engine keeps things. `state` survives a restart of the machine, `runtime` does not (tmpfs).
//   state/images/NAME/...   state/guests/GUEST/...   runtime/guests/GUEST/... (VMs)   runtime/containers/GUEST/...
struct Directories {
  std::filesystem::path state;
  std::filesystem::path runtime;
};

// The host-side interface name of a guest: "bt" + the last 12 hex digits of its id (14 characters, IFNAMSIZ allows 15).
std::string interface_name(GuestId const& guest);
inline constexpr char bridge_name[] = "berth0";

// drivers/storage
class DiskStore {
 public:
  virtual ~DiskStore() = default;
  virtual Result<ImageFacts> import_image(ImportImage const& wish, Descriptor file) = 0;
  virtual Result<std::vector<ImageFacts>> images() = 0;
  virtual Result<void> remove_image(ImageName const& image) = 0;
  virtual Result<void> create_disk(CreateDisk const& wish) = 0;
  virtual Result<void> delete_disk(GuestId const& guest) = 0;
  // VM: the qcow2 file. Container: the raw ext4/xfs file that holds upper layer and data.
  virtual Result<std::filesystem::path> disk_path(GuestId const& guest) = 0;
  // The unpacked, verified OCI rootfs (read-only, owned by 0:0) and its image config (OCI image-spec JSON).
  virtual Result<std::filesystem::path> image_tree(ImageName const& image) = 0;
  virtual Result<json::value> image_config(ImageName const& image) = 0;
  virtual Result<std::uint64_t> disk_allocated_bytes(GuestId const& guest) = 0;
};

struct NicCounters {
  std::uint64_t rx_bytes = 0;  // towards the guest
  std::uint64_t tx_bytes = 0;
};

// drivers/network
class Network {
 public:
  virtual ~Network() = default;
  virtual Result<void> ensure_network(NetworkSpec const& network) = 0;
  virtual Result<void> connect(GuestId const& guest, NicSpec const& nic) = 0;
  virtual Result<void> disconnect(GuestId const& guest) = 0;
  // A veth pair into the network namespace behind `netns` (an open descriptor), named eth0 there, with MAC, address, route and lo up.
  // Used by the container driver at start; VMs get a tap from libvirt with interface_name() on bridge_name.
  virtual Result<void> plug_namespace(GuestId const& guest, int netns) = 0;
  virtual Result<NicCounters> counters(GuestId const& guest) = 0;
  virtual Result<std::vector<std::string>> connected_guests() = 0;
};

using ChangeListener = std::function<void(GuestId const&)>;

// drivers/kvm and drivers/container
class GuestDriver {
 public:
  virtual ~GuestDriver() = default;
  // Told of each guest that may have come into another state by itself, from a thread of the driver's own, until the driver
  // is gone. It must not block nor call the driver. Once, before the first guest is asked for.
  virtual void on_change(ChangeListener listener) = 0;
  virtual Result<void> define(GuestSpec const& spec) = 0;
  virtual Result<void> undefine(GuestId const& guest) = 0;
  virtual Result<GuestStatus> start(GuestId const& guest) = 0;
  virtual Result<GuestStatus> stop(StopGuest const& wish) = 0;
  virtual Result<GuestStatus> pause(GuestId const& guest) = 0;
  virtual Result<GuestStatus> resume(GuestId const& guest) = 0;
  // state absent when this driver does not know the guest. Network and disk figures are filled in by the engine.
  virtual Result<GuestStatus> status(GuestId const& guest) = 0;
  virtual Result<std::vector<GuestStatus>> list() = 0;
  virtual Result<Descriptor> open_console(GuestId const& guest, ConsoleKind kind) = 0;
  virtual Result<void> resize_console(GuestId const& guest, ConsoleSize const& size) = 0;
};

}  // namespace berth::contract
