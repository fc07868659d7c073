#include "firmware/reconcilers/reconcilers.hpp"

#include "firmware/base/log.hpp"
#include "firmware/services/compute/guest_observation.hpp"
#include "firmware/services/compute/power_restoration.hpp"
#include "firmware/services/images/image_observation.hpp"
#include "firmware/services/images/image_retirement.hpp"
#include "firmware/services/system/housekeeping.hpp"
#include "firmware/services/system/update_policy.hpp"

namespace berth::reconcilers {
namespace {

using access::Permission;
using services::Call;
using namespace std::chrono_literals;

class ObserveGuests final : public Reconciler {
 public:
  explicit ObserveGuests(contract::Engine& engine) : engine_(engine) {}
  std::string_view name() const override { return "observe-guests"; }
  std::chrono::milliseconds interval() const override { return 3s; }
  Result<void> run(Call& call) override {
    auto const system = TRY(access::grant_system(call, Permission::system_manage));
    auto const host = engine_.host();
    if (!host) return compute::record_silence(call, system, host.error());
    TRY(compute::record_host(call, system, *host));
    auto const guests = engine_.guests();
    if (!guests) return compute::record_silence(call, system, guests.error());
    return compute::record_guests(call, system, *guests);
  }

 private:
  contract::Engine& engine_;
};

class RestorePower final : public Reconciler {
 public:
  explicit RestorePower(contract::Engine& engine) : engine_(engine) {}
  std::string_view name() const override { return "restore-power"; }
  std::chrono::milliseconds interval() const override { return 5s; }
  Result<void> run(Call& call) override {
    auto const system = TRY(access::grant_system(call, Permission::system_manage));
    auto const boot_id = TRY(engine_.host()).boot_id;
    if (TRY(call.read([](store::Snapshot& s) { return s.nodes.local(); })).boot_id == boot_id) return {};
    auto const guests = TRY(engine_.guests());
    auto const started = TRY(compute::restore_power_after_boot(call, system, boot_id, guests));
    if (started > 0)
      log(LogLevel::notice, "reconcilers", "servers are started after the machine's boot",
          {{"count", std::to_string(started)}});
    return {};
  }

 private:
  contract::Engine& engine_;
};

class ObserveImages final : public Reconciler {
 public:
  explicit ObserveImages(contract::Engine& engine) : engine_(engine) {}
  std::string_view name() const override { return "observe-images"; }
  std::chrono::milliseconds interval() const override { return 1min; }
  Result<void> run(Call& call) override {
    auto const system = TRY(access::grant_system(call, Permission::image_manage));
    TRY(images::record_images(call, system, TRY(engine_.images())));
    return {};
  }

 private:
  contract::Engine& engine_;
};

class ImageJanitor final : public Reconciler {
 public:
  explicit ImageJanitor(contract::Engine& engine) : engine_(engine) {}
  std::string_view name() const override { return "image-janitor"; }
  std::chrono::milliseconds interval() const override { return 1h; }
  Result<void> run(Call& call) override {
    auto const system = TRY(access::grant_system(call, Permission::image_manage));
    TRY(images::retire_images(call, system, TRY(engine_.images())));
    return {};
  }

 private:
  contract::Engine& engine_;
};

// One of services/system/housekeeping on its own rhythm.
class Housekeeping final : public Reconciler {
 public:
  using Work = Result<void> (*)(Call&, access::Granted<access::System> const&);
  Housekeeping(std::string_view name, std::chrono::milliseconds interval, Work work)
      : name_(name), interval_(interval), work_(work) {}
  std::string_view name() const override { return name_; }
  std::chrono::milliseconds interval() const override { return interval_; }
  Result<void> run(Call& call) override {
    return work_(call, TRY(access::grant_system(call, Permission::system_manage)));
  }

 private:
  std::string_view name_;
  std::chrono::milliseconds interval_;
  Work work_;
};

}  // namespace

std::unique_ptr<Reconciler> automatic_updates() {
  return std::make_unique<Housekeeping>("automatic-updates", 1min, &services::keep_up_to_date);
}
std::unique_ptr<Reconciler> observe_guests(contract::Engine& engine) {
  return std::make_unique<ObserveGuests>(engine);
}
std::unique_ptr<Reconciler> restore_power(contract::Engine& engine) {
  return std::make_unique<RestorePower>(engine);
}
std::unique_ptr<Reconciler> observe_images(contract::Engine& engine) {
  return std::make_unique<ObserveImages>(engine);
}
std::unique_ptr<Reconciler> image_janitor(contract::Engine& engine) {
  return std::make_unique<ImageJanitor>(engine);
}
std::unique_ptr<Reconciler> expire_credentials() {
  return std::make_unique<Housekeeping>("expire-credentials", 1min, &services::remove_expired);
}
std::unique_ptr<Reconciler> job_janitor() {
  return std::make_unique<Housekeeping>("job-janitor", 1h, &services::remove_old_jobs);
}
std::unique_ptr<Reconciler> event_janitor() {
  return std::make_unique<Housekeeping>("event-janitor", 10min, &services::remove_old_events);
}
std::unique_ptr<Reconciler> database_copy() {
  return std::make_unique<Housekeeping>("database-copy", 1h, &services::keep_good_copy);
}

}  // namespace berth::reconcilers
