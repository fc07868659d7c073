// A panel without doors: store, runner and the engine's client. Does one act (or none), runs until no job is left, and
// ends; or dies where it is told to. tests/rules/jobs_crash_test.cpp starts it again and again on the same state.
#include <CLI/CLI.hpp>
#include <iostream>
#include <thread>

#include "drivers/contract/client.hpp"
#include "drivers/contract/machine_client.hpp"
#include "firmware/jobs/runner.hpp"
#include "firmware/services/compute/guest_observation.hpp"
#include "firmware/services/compute/server_creation.hpp"
#include "firmware/services/compute/server_deletion.hpp"
#include "firmware/services/compute/server_edit.hpp"
#include "firmware/services/compute/server_power.hpp"
#include "firmware/services/images/image_catalog.hpp"
#include "firmware/services/images/image_retirement.hpp"
#include "firmware/services/system/first_start.hpp"
#include "tests/rules/crash_panel/machine_acts.hpp"

namespace {

using namespace berth;
using access::Permission;

struct Wish {
  std::string state;
  std::string engine;
  std::string act;  // "images", "retire", "create", "join", "delete", a power act, or a type of job about the machine
  std::string subject;  // folder of images; name of the server; of the machine's jobs: crash_panel/machine_acts.hpp
  std::string image;
  bool stopped = false;  // create: do not start it
  jobs::FaultPlan faults;
};

Result<ServerId> server_named(services::Call& call, std::string const& name) {
  auto const page = TRY(call.read(
      [](store::Snapshot& s) { return s.servers.page(store::TenantScope::all_tenants_for_staff(), {100, ""}); }));
  for (auto const& item : page.items)
    if (item.server.name == name) return item.server.id;
  return fail(ErrorCode::not_found, "not-found", "no server " + name);
}

Result<void> do_act(services::Call& call, jobs::Outside const& outside, Wish const& wish) {
  auto& engine = outside.engine;
  if (wish.act.starts_with("machine.")) return crash::do_machine_act(call, outside, wish.act, wish.subject);
  if (wish.act.empty()) return {};
  if (wish.act == "images") {
    TRY(images::register_starter_images(call, TRY(access::grant_system(call, Permission::image_manage)), wish.subject));
    return {};
  }
  if (wish.act == "retire") {
    TRY(images::retire_images(call, TRY(access::grant_system(call, Permission::image_manage)), TRY(engine.images())));
    return {};
  }
  if (wish.act == "create") {
    TRY(compute::record_host(call, TRY(access::grant_system(call, Permission::system_manage)), TRY(engine.host())));
    compute::NewServer server{.name = wish.subject, .image = wish.image, .plan = "tiny", .start = !wish.stopped};
    TRY(compute::create_server(call, TRY(access::grant_own_tenant(call, Permission::server_create)), server));
    return {};
  }
  auto const id = TRY(server_named(call, wish.subject));
  if (wish.act == "delete") {
    TRY(compute::delete_server(call, TRY(access::grant_server(call, id, Permission::server_delete))));
    return {};
  }
  if (wish.act == "join") {
    auto const server = TRY(access::grant_server(call, id, Permission::server_edit));
    TRY(compute::edit_server(call, server, {.peer_group = "crew"}, server->version));
    return {};
  }
  compute::PowerAct act{};
  if (!boost::describe::enum_from_string(wish.act.c_str(), act))
    return fail(ErrorCode::invalid_argument, "no-such-act", wish.act);
  TRY(compute::power(call, TRY(access::grant_server(call, id, Permission::server_power)), act));
  return {};
}

Result<void> run(Wish const& wish) {
  SystemClock const clock;
  services::Settings settings;
  settings.shutdown_timeout = std::chrono::seconds(30);
  auto store = TRY(store::Store::open({std::filesystem::path(wish.state) / "berth.db"}));
  TRY(services::prepare_first_start(*store, clock.now(), {}));
  contract::EngineClient engine(wish.engine);
  jobs::RunnerOptions options;
  options.faults = wish.faults;
  contract::MachineClient machine(wish.engine);
  auto const folder = std::filesystem::path(wish.state) / "machine";
  auto const files = TRY(jobs::MachineFiles::open(folder));
  crash::CertificateFile certificate(folder);
  crash::ToldChannel channel;
  jobs::Outside const outside{engine, machine, certificate, channel, *files};
  jobs::Runner runner(*store, outside, clock, options);
  TRY(runner.start());
  services::Call call(*store, access::Actor::local_administrator(0), clock.now(), settings);
  TRY(do_act(call, outside, wish));
  auto const until = std::chrono::steady_clock::now() + std::chrono::seconds(240);
  while (!runner.idle()) {
    if (std::chrono::steady_clock::now() > until) return fail(ErrorCode::timed_out, "never-idle", "a job does not end");
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  return {};
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Berth's panel without doors, for the crash test");
  Wish wish;
  app.add_option("--state", wish.state)->required();
  app.add_option("--engine", wish.engine)->required();
  app.add_option("--act", wish.act);
  app.add_option("--subject", wish.subject);
  app.add_option("--image", wish.image);
  app.add_flag("--stopped", wish.stopped);
  app.add_option("--crash-at", wish.faults.crash_at);
  app.add_option("--fail-at", wish.faults.fail_at);
  CLI11_PARSE(app, argc, argv);
  if (auto done = run(wish); !done) {
    std::cerr << "crash-panel: " << describe(done.error()) << "\n";
    return 1;
  }
  return 0;
}
