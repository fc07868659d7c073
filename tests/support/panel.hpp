// The panel's middle on the engine in memory: a world, its images imported, a runner, and calls by anybody.
#pragma once

#include <fcntl.h>

#include <fstream>

#include "drivers/fake/fake_engine.hpp"
#include "drivers/fake/fake_machine.hpp"
#include "firmware/base/random.hpp"
#include "firmware/jobs/guest_specs.hpp"
#include "firmware/jobs/runner.hpp"
#include "firmware/services/call.hpp"
#include "firmware/services/compute/server_creation.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/outside.hpp"
#include "tests/support/world.hpp"

namespace berth::support {

// Puts a world's two images into an engine.
inline Result<void> import_images(World& world, contract::Engine& engine) {
  for (auto kind : {store::ServerKind::vm, store::ServerKind::container}) {
    auto const& image = world.image(kind);
    contract::ImportImage wish;
    wish.image = jobs::image_name(image.id);
    wish.kind = kind == store::ServerKind::vm ? contract::GuestKind::vm : contract::GuestKind::container;
    wish.format = kind == store::ServerKind::vm ? contract::ImageFormat::qcow2 : contract::ImageFormat::oci_archive;
    wish.sha256 = TRY(contract::Digest::parse(image.sha256));
    TRY(engine.import_image(wish, Descriptor(::open(image.source.c_str(), O_RDONLY | O_CLOEXEC))));
  }
  return {};
}

class Panel {
 public:
  explicit Panel(jobs::RunnerOptions options = quick())
      : engine_(fake::FakeOptions{}, fake::FakeState{}),
        machine_(clock),
        outside_(engine_, machine_, world.folder() / "machine"),
        runner_(std::make_unique<jobs::Runner>(world.store(), outside_.all(), clock, std::move(options))) {
    auto imported = import_images(world, engine_);
    if (!imported) ADD_FAILURE() << describe(imported.error());
  }
  ~Panel() { engine_.faults().release(); }

  // Retries come soon, so that tests do not wait.
  static jobs::RunnerOptions quick() {
    jobs::RunnerOptions options;
    options.backoff_first = std::chrono::milliseconds(1);
    options.backoff_most = std::chrono::milliseconds(10);
    return options;
  }

  void start() {
    auto started = runner_->start();
    if (!started) ADD_FAILURE() << describe(started.error());
  }
  // As a restart of the process: whatever was under way goes on.
  void restart(jobs::RunnerOptions options = quick()) {
    runner_ = std::make_unique<jobs::Runner>(world.store(), outside_.all(), clock, std::move(options));
    start();
  }
  void stop() { runner_.reset(); }
  fake::FakeEngine& engine() { return engine_; }
  fake::FakeMachine& machine() { return machine_; }
  OutsideInMemory& outside() { return outside_; }

  services::Call call(access::Actor actor = access::Actor::local_administrator(0)) {
    return {world.store(), std::move(actor), clock.now(), settings};
  }
  Result<compute::CreatedServer> create(std::string name, store::ServerKind kind = store::ServerKind::container,
                                        bool start_it = true) {
    auto c = call();
    auto tenant = TRY(access::grant_own_tenant(c, access::Permission::server_create));
    compute::NewServer wish;
    wish.name = std::move(name);
    wish.image = world.image(kind).name;
    wish.plan = world.plan().name;
    wish.start = start_it;
    return compute::create_server(c, tenant, wish);
  }
  store::Job job(JobId const& id) {
    auto found = world.store().read(
        [&](store::Snapshot& s) { return s.jobs.get(id, store::TenantScope::all_tenants_for_staff()); });
    if (!found) ADD_FAILURE() << describe(found.error());
    return found.value_or(store::Job{});
  }
  // The job in its final state.
  store::Job finished(JobId const& id) {
    EXPECT_TRUE(eventually([&] { return !store::is_active(job(id).state); })) << "the job does not end";
    return job(id);
  }
  contract::GuestStatus guest(ServerId const& server) {
    return engine_.guest(jobs::guest_id(server)).value_or(contract::GuestStatus{});
  }
  std::vector<store::Event> events() {
    return world.store()
        .read(
            [](store::Snapshot& s) { return s.events.after(0, 10000, {store::TenantScope::all_tenants_for_staff()}); })
        .value_or(std::vector<store::Event>{});
  }
  int count_events(std::string_view type) {
    return static_cast<int>(std::ranges::count(events(), type, &store::Event::type));
  }
  std::string log_of(JobId const& id) {
    std::string text;
    auto lines = world.store().read([&](store::Snapshot& s) { return s.jobs.log(id, 0, 1000); });
    for (auto const& line : lines.value_or(std::vector<store::JobLogLine>{})) text += line.text + "\n";
    return text;
  }

  World world;
  SystemClock clock;
  services::Settings settings;

 private:
  fake::FakeEngine engine_;
  fake::FakeMachine machine_;
  OutsideInMemory outside_;
  std::unique_ptr<jobs::Runner> runner_;
};

}  // namespace berth::support
