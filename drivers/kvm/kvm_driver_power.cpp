// Starting, stopping, pausing.
#include <libvirt/virterror.h>
#include <net/if.h>

#include <thread>

#include "drivers/contract/checks.hpp"
#include "drivers/kvm/kvm_driver_body.hpp"

namespace berth::kvm {
namespace {

using namespace std::chrono_literals;
using contract::GuestId;
using contract::GuestState;
using contract::GuestStatus;
using Steady = std::chrono::steady_clock;

constexpr auto poll_every = 50ms;
constexpr auto press_again_after = 10s;  // a system that is still starting ignores the button

std::unexpected<Error> no_such_guest() {
  return fail(ErrorCode::not_found, "guest-not-found", "there is no such guest");
}
std::unexpected<Error> not_running() {
  return fail(ErrorCode::conflict, "guest-not-running", "the guest does not run");
}

// libvirt refuses what is already so; the state afterwards decides.
Result<void> unless_conflict(Result<void> result) {
  if (!result && result.error().code == ErrorCode::conflict) return {};
  return result;
}

}  // namespace

Result<GuestStatus> KvmDriver::start(GuestId const& guest) {
  TRY(contract::check(guest));
  auto const before = TRY(body_->status(guest));
  if (before.state == GuestState::absent) return no_such_guest();
  if (before.state == GuestState::running) return before;
  if (is_active(before.state)) return resume(guest);
  if (auto disk = body_->disks.disk_path(guest); !disk && disk.error().code == ErrorCode::not_found)
    return fail(ErrorCode::conflict, "guest-without-disk", "the guest has no disk");
  if (if_nametoindex(contract::bridge_name) == 0)
    return fail(ErrorCode::conflict, "guest-without-network", "the guests' bridge does not exist");
  TRY(make_runtime(GuestFiles(body_->directories, guest)));
  TRY(unless_conflict(body_->with_domain(guest, patient, "start the guest",
                                         [](virDomainPtr domain) { return virDomainCreate(domain); })));
  auto const after = TRY(body_->status(guest));
  if (is_active(after.state)) return after;
  return fail(ErrorCode::internal, "guest-ended", "the guest ended right after its start: " + after.reason);
}

Result<GuestStatus> KvmDriver::pause(GuestId const& guest) {
  TRY(contract::check(guest));
  auto const before = TRY(body_->status(guest));
  if (before.state == GuestState::absent) return no_such_guest();
  if (before.state == GuestState::paused) return before;
  if (!is_active(before.state)) return not_running();
  TRY(body_->with_domain(guest, asking_guest, "pause the guest",
                         [](virDomainPtr domain) { return virDomainSuspend(domain); }));
  return body_->status(guest);
}

Result<GuestStatus> KvmDriver::resume(GuestId const& guest) {
  TRY(contract::check(guest));
  auto const before = TRY(body_->status(guest));
  if (before.state == GuestState::absent) return no_such_guest();
  if (before.state == GuestState::running) return before;
  if (!is_active(before.state)) return not_running();
  TRY(body_->with_domain(guest, asking_guest, "resume the guest",
                         [](virDomainPtr domain) { return virDomainResume(domain); }));
  return body_->status(guest);
}

Result<GuestStatus> KvmDriver::stop(contract::StopGuest const& wish) {
  TRY(contract::check(wish));
  auto const deadline = Steady::now() + std::chrono::seconds(wish.timeout_s.value);
  auto status = TRY(body_->status(wish.guest));
  // A paused guest cannot hear the button.
  if (status.state == GuestState::paused && wish.timeout_s > 0 && resume(wish.guest))
    status.state = GuestState::running;
  auto press_at = Steady::now();
  while (is_active(status.state) && Steady::now() < deadline) {
    if (status.state == GuestState::running && Steady::now() >= press_at) {
      press_at = Steady::now() + press_again_after;
      // ACPI only: the agent's way waits for the guest's answer, which a hostile one withholds.
      TRY(unless_conflict(body_->with_domain(
          wish.guest, asking_guest, "press the guest's power button",
          [](virDomainPtr domain) { return virDomainShutdownFlags(domain, VIR_DOMAIN_SHUTDOWN_ACPI_POWER_BTN); })));
    }
    std::this_thread::sleep_for(poll_every);
    status = TRY(body_->status(wish.guest));
  }
  if (!is_active(status.state)) return status;
  if (!wish.force) return fail(ErrorCode::timed_out, "guest-still-runs", "the guest did not shut down in time");
  TRY(unless_conflict(body_->with_domain(wish.guest, patient, "switch the guest off",
                                         [](virDomainPtr domain) { return virDomainDestroy(domain); })));
  return body_->status(wish.guest);
}

}  // namespace berth::kvm
