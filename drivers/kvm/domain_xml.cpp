#include "drivers/kvm/domain_xml.hpp"

#include "drivers/kvm/xml_tree.hpp"
#include "firmware/base/random.hpp"

namespace berth::kvm {
namespace {

using contract::Accelerator;

void add_identity(Element const& domain, DomainPlan const& plan) {
  domain.add_text("name", domain_name(plan.spec.guest));
  domain.add_text("uuid", plan.spec.guest);
  domain.add("metadata")
      .add_foreign("berth", metadata_namespace, "guest",
                   {{"wish", wish_digest(plan.spec)}, {"image", plan.spec.image}});
}

void add_machine(Element const& domain, DomainPlan const& plan) {
  bool const kvm = plan.accelerator == Accelerator::kvm;
  domain.add_text("memory", std::to_string(plan.spec.memory_bytes.value), {{"unit", "bytes"}});
  domain.add_text("vcpu", std::to_string(plan.spec.vcpus.value), {{"placement", "static"}});
  auto const os = domain.add("os");
  os.add_text("type", "hvm", {{"arch", "x86_64"}, {"machine", "q35"}});
  os.add("boot", {{"dev", "hd"}});
  auto const features = domain.add("features");
  features.add("acpi");
  features.add("apic");
  // The probe (drivers/host) ran with exactly these models.
  if (kvm)
    domain.add("cpu", {{"mode", "host-passthrough"}, {"check", "none"}, {"migratable", "on"}});
  else
    domain.add("cpu", {{"mode", "maximum"}, {"check", "none"}});
  auto const clock = domain.add("clock", {{"offset", "utc"}});
  if (kvm) {  // what libosinfo asks for in Linux and Windows guests: no lost ticks, kvmclock instead of the HPET
    clock.add("timer", {{"name", "rtc"}, {"tickpolicy", "catchup"}});
    clock.add("timer", {{"name", "pit"}, {"tickpolicy", "delay"}});
    clock.add("timer", {{"name", "hpet"}, {"present", "no"}});
  }
  domain.add_text("on_poweroff", "destroy");
  domain.add_text("on_reboot", "restart");
  domain.add_text("on_crash", "destroy");
  // A guest that suspends itself would look stopped to its owner and could not be woken from outside.
  auto const power = domain.add("pm");
  power.add("suspend-to-mem", {{"enabled", "no"}});
  power.add("suspend-to-disk", {{"enabled", "no"}});
}

void add_disks(Element const& devices, DomainPlan const& plan) {
  auto const disk = devices.add("disk", {{"type", "file"}, {"device", "disk"}});
  // enospace: a full pool pauses the guest instead of telling it lies (design.md, decision 3).
  disk.add("driver", {{"name", "qemu"},
                      {"type", "qcow2"},
                      {"cache", plan.cache == DiskCache::none ? "none" : "writeback"},
                      {"discard", "unmap"},
                      {"detect_zeroes", "unmap"},
                      {"error_policy", "enospace"}});
  disk.add("source", {{"file", plan.disk.native()}});
  disk.add("target", {{"dev", "vda"}, {"bus", "virtio"}});
  auto const seed = devices.add("disk", {{"type", "file"}, {"device", "cdrom"}});
  seed.add("driver", {{"name", "qemu"}, {"type", "raw"}});
  seed.add("source", {{"file", plan.seed.native()}});
  seed.add("target", {{"dev", "sda"}, {"bus", "sata"}});
  seed.add("readonly");
}

void add_network(Element const& devices, DomainPlan const& plan) {
  auto const& nic = plan.spec.nic;
  auto const interface = devices.add("interface", {{"type", "bridge"}});
  interface.add("mac", {{"address", nic.mac}});
  interface.add("source", {{"bridge", contract::bridge_name}});
  interface.add("target", {{"dev", contract::interface_name(plan.spec.guest)}});
  interface.add("model", {{"type", "virtio"}});
  // Not an isolated port: whom the guest may reach changes while it runs, and table bridge berth alone decides it.
}

void add_terminals(Element const& devices, DomainPlan const& plan) {
  auto const serial = devices.add("serial", {{"type", "unix"}});
  serial.add("source", {{"mode", "bind"}, {"path", plan.serial_socket.native()}});
  serial.add("target", {{"type", "isa-serial"}, {"port", "0"}});
  auto const agent = devices.add("channel", {{"type", "unix"}});
  agent.add("source", {{"mode", "bind"}});
  agent.add("target", {{"type", "virtio"}, {"name", "org.qemu.guest_agent.0"}});
  devices.add("input", {{"type", "tablet"}, {"bus", "usb"}});
  // No listener at all: libvirt hands out one end of a socket pair for each viewer (virDomainOpenGraphicsFD), so there
  // is no path in the file system that QEMU, should a guest have taken it over, could put something else under.
  devices.add("graphics", {{"type", "vnc"}}).add("listen", {{"type", "none"}});
  devices.add("video").add("model", {{"type", "vga"}, {"vram", "16384"}, {"heads", "1"}, {"primary", "yes"}});
}

void add_rest(Element const& devices) {
  devices.add("controller", {{"type", "usb"}, {"model", "qemu-xhci"}});
  devices.add("memballoon", {{"model", "virtio"}});
  auto const rng = devices.add("rng", {{"model", "virtio"}});
  rng.add_text("backend", "/dev/urandom", {{"model", "random"}});
  devices.add("audio", {{"id", "1"}, {"type", "none"}});
}

}  // namespace

std::string domain_name(contract::GuestId const& guest) {
  return domain_prefix + guest.str();
}

std::string wish_digest(contract::GuestSpec const& spec) {
  return sha256_hex(write_json(spec));
}

Result<std::string> domain_xml(DomainPlan const& plan) {
  auto const document = new_document("domain", {{"type", plan.accelerator == Accelerator::kvm ? "kvm" : "qemu"}});
  auto const domain = root_of(document);
  add_identity(domain, plan);
  add_machine(domain, plan);
  auto const devices = domain.add("devices");
  devices.add_text("emulator", "/usr/bin/qemu-system-x86_64");
  add_disks(devices, plan);
  add_network(devices, plan);
  add_terminals(devices, plan);
  add_rest(devices);
  return write_xml(document);
}

Result<std::string> digest_in_metadata(std::string const& metadata_xml) {
  auto const document = TRY(parse_xml(metadata_xml));
  return root_of(document).get("wish");
}

}  // namespace berth::kvm
