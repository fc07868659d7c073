#include "drivers/kvm/kvm_driver.hpp"

#include <fcntl.h>
#include <libvirt/virterror.h>
#include <sys/un.h>

#include <format>

#include "drivers/contract/checks.hpp"
#include "drivers/kvm/domain_xml.hpp"
#include "drivers/kvm/kvm_driver_body.hpp"
#include "drivers/kvm/seed.hpp"

namespace berth::kvm {
namespace {

using contract::GuestId;
using contract::GuestState;
using contract::GuestStatus;

DiskCache cache_for(std::filesystem::path const& disk) {
  return Descriptor(open(disk.c_str(), O_RDONLY | O_DIRECT | O_CLOEXEC)).valid() ? DiskCache::none
                                                                                 : DiskCache::writeback;
}

struct FreeText {
  void operator()(char* text) const { free(text); }  // libvirt's malloc
};

std::string digest_of(virDomainPtr domain) {
  std::unique_ptr<char, FreeText> const metadata(
      virDomainGetMetadata(domain, VIR_DOMAIN_METADATA_ELEMENT, metadata_namespace, VIR_DOMAIN_AFFECT_CONFIG));
  if (metadata == nullptr) return {};
  return digest_in_metadata(metadata.get()).value_or("");
}

// Whether the guest runs, and then as wished. Errors: conflict (it runs otherwise).
Result<bool> runs_as_wished(virConnectPtr connection, contract::GuestSpec const& spec) {
  auto const domain = TRY(find_domain(connection, spec.guest));
  if (domain == nullptr || virDomainIsActive(domain.get()) != 1) return false;
  if (digest_of(domain.get()) == wish_digest(spec)) return true;
  return fail(ErrorCode::conflict, "guest-running", "the guest runs; its definition changes while it is stopped");
}

void remove_logs(std::filesystem::path const& folder, GuestId const& guest) {
  std::error_code ignored;
  auto const stem = domain_name(guest) + ".log";  // virtlogd keeps NAME.log, NAME.log.0, ...
  for (std::filesystem::directory_iterator entry(folder, ignored), end; !ignored && entry != end;
       entry.increment(ignored))
    if (entry->path().filename().string().starts_with(stem)) std::filesystem::remove(entry->path(), ignored);
}

}  // namespace

KvmDriver::KvmDriver(contract::Directories directories, contract::DiskStore& disks, console::ConsoleHub& consoles,
                     contract::Accelerator accelerator, KvmSettings settings)
    : body_(std::make_unique<Body>(std::move(directories), disks, consoles, accelerator, std::move(settings))) {}

KvmDriver::~KvmDriver() = default;

void KvmDriver::on_change(contract::ChangeListener listener) {
  body_->watch = std::make_unique<LifecycleWatch>(body_->libvirt, std::move(listener));
}

Result<void> KvmDriver::define(contract::GuestSpec const& spec) {
  TRY(contract::check(spec));
  if (spec.kind != contract::GuestKind::vm) return fail_field("/kind", "must be vm here");
  GuestFiles const files(body_->directories, spec.guest);
  if (files.serial_socket.native().size() >= sizeof sockaddr_un{}.sun_path)
    return fail(ErrorCode::internal, "path-too-long", "the runtime directory's path is too long for a socket");
  auto const disk = TRY(body_->disks.disk_path(spec.guest));
  auto const documents = TRY(seed_documents(spec));
  if (TRY(body_->libvirt.call(brief, [&](virConnectPtr connection) { return runs_as_wished(connection, spec); })))
    return {};
  TRY(make_folder(files));
  TRY(write_seed(documents, files.seed));
  auto const xml = TRY(domain_xml({spec, body_->accelerator, disk, cache_for(disk), files.seed, files.serial_socket}));
  return body_->libvirt.call(patient, [&](virConnectPtr connection) -> Result<void> {
    Domain const domain(virDomainDefineXMLFlags(connection, xml.c_str(), 0));
    if (domain == nullptr) return libvirt_error("define the guest");
    return {};
  });
}

Result<void> KvmDriver::undefine(GuestId const& guest) {
  TRY(contract::check(guest));
  constexpr unsigned everything = VIR_DOMAIN_UNDEFINE_MANAGED_SAVE | VIR_DOMAIN_UNDEFINE_SNAPSHOTS_METADATA |
                                  VIR_DOMAIN_UNDEFINE_CHECKPOINTS_METADATA | VIR_DOMAIN_UNDEFINE_NVRAM |
                                  VIR_DOMAIN_UNDEFINE_TPM;
  TRY(body_->libvirt.call(patient, [&](virConnectPtr connection) -> Result<void> {
    auto const domain = TRY(find_domain(connection, guest));
    if (domain == nullptr) return {};
    if (virDomainIsActive(domain.get()) == 1)
      return fail(ErrorCode::conflict, "guest-running", "the guest runs; stop it first");
    if (virDomainUndefineFlags(domain.get(), everything) == 0) return {};
    auto error = libvirt_error("undefine the guest");
    if (error.error().code == ErrorCode::not_found) return {};  // somebody else was faster
    return error;
  }));
  body_->consoles.detach(guest);
  GuestFiles const files(body_->directories, guest);
  TRY(remove_runtime(files));
  TRY(remove_seed(files));
  remove_logs(body_->settings.logs, guest);
  return {};
}

Result<GuestStatus> KvmDriver::Body::status(GuestId const& guest) {
  auto found = TRY(libvirt.call(
      brief, [&](virConnectPtr connection) { return read_status(connection, guest, settings.pid_files); }));
  follow_console(guest, found.state);
  return found;
}

void KvmDriver::Body::follow_console(GuestId const& guest, GuestState state) {
  if (!is_active(state)) return consoles.detach(guest);
  if (consoles.attached(guest)) return;
  consoles.attach(guest, [socket = GuestFiles(directories, guest).serial_socket] { return connect_unix(socket); });
}

// Without QEMU's answer the reason stays as it is.
void KvmDriver::Body::explain(GuestStatus& status) {
  if (status.state != GuestState::paused || status.reason != disk_error_reason) return;
  (void)libvirt.call(brief, [&](virConnectPtr connection) { return explain_disk_error(connection, status); });
}

Result<GuestStatus> KvmDriver::status(GuestId const& guest) {
  TRY(contract::check(guest));
  auto status = TRY(body_->status(guest));
  body_->explain(status);
  return status;
}

Result<std::vector<GuestStatus>> KvmDriver::list() {
  auto all = TRY(body_->libvirt.call(
      brief, [&](virConnectPtr connection) { return read_all_status(connection, body_->settings.pid_files); }));
  for (auto& status : all) {
    if (auto guest = GuestId::parse(status.guest)) body_->follow_console(*guest, status.state);
    body_->explain(status);
  }
  return all;
}

Result<Descriptor> KvmDriver::open_console(GuestId const& guest, contract::ConsoleKind kind) {
  TRY(contract::check(guest));
  auto const status = TRY(body_->status(guest));
  if (status.state == GuestState::absent)
    return fail(ErrorCode::not_found, "guest-not-found", "there is no such guest");
  if (!is_active(status.state)) return fail(ErrorCode::conflict, "guest-not-running", "the guest does not run");
  if (kind == contract::ConsoleKind::serial) return body_->consoles.open(guest);
  Descriptor screen;
  TRY(body_->with_domain(guest, asking_guest, "open the guest's screen", [&](virDomainPtr domain) {
    screen.reset(virDomainOpenGraphicsFD(domain, 0, VIR_DOMAIN_OPEN_GRAPHICS_SKIPAUTH));
    return screen.get();
  }));
  return screen;
}

Result<void> KvmDriver::resize_console(GuestId const& guest, contract::ConsoleSize const& /*size*/) {
  return contract::check(guest);  // a serial port has no size
}

}  // namespace berth::kvm
