#include "firmware/app/wiring.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <thread>

#include "drivers/contract/client.hpp"
#include "drivers/contract/machine_client.hpp"
#include "firmware/api/console_pump.hpp"
#include "firmware/api/dispatcher.hpp"
#include "firmware/api/route.hpp"
#include "firmware/app/first_start.hpp"
#include "firmware/app/master_key.hpp"
#include "firmware/app/pages.hpp"
#include "firmware/app/served_certificate.hpp"
#include "firmware/app/version.hpp"
#include "firmware/base/log.hpp"
#include "firmware/connectors/https_channel.hpp"
#include "firmware/events/event_hub.hpp"
#include "firmware/http/server.hpp"
#include "firmware/jobs/runner.hpp"
#include "firmware/reconcilers/guest_watch.hpp"
#include "firmware/reconcilers/reconcilers.hpp"
#include "firmware/services/accounts/doorkeeper.hpp"
#include "firmware/services/accounts/setup.hpp"
#include "firmware/services/images/image_catalog.hpp"
#include "firmware/services/system/first_start.hpp"
#include "firmware/store/store.hpp"

namespace berth::app {
namespace {

constexpr std::chrono::seconds http_stop_deadline{2};

jobs::RunnerOptions runner_options(Options const& options) {
  jobs::RunnerOptions runner;
  runner.faults = {options.crash_at, options.fail_at};
  return runner;
}

// The routes whose handler reads the body itself.
std::vector<http::StreamedRequest> streamed_requests() {
  std::vector<http::StreamedRequest> streamed;
  for (auto const& route : api::routes())
    if (auto const most = route.endpoint.streamed_bytes_max; most > 0)
      streamed.push_back({route.method, api::base_path + std::string(route.path), most});
  return streamed;
}

}  // namespace

// In the order in which they are made; taken apart in the opposite one.
struct Application::Parts {
  Parts(Options const& options, std::unique_ptr<store::Store> opened, std::unique_ptr<api::ConsolePump> pump,
        std::unique_ptr<jobs::MachineFiles> files)
      : store(std::move(opened)),
        engine(options.engine),
        machine(options.engine),
        machine_files(std::move(files)),
        served_certificate(options.state / "tls" / "panel.pem", options.state / "tls" / "panel.key"),
        channel({options.test_channel_authority}),
        outside{engine, machine, served_certificate, channel, *machine_files},
        events(*store),
        doorkeeper(clock),
        consoles(std::move(pump)),
        runner(*store, outside, clock, runner_options(options)),
        schedule(*store, clock, settings),
        guests(*store, clock, settings, engine, [this] { schedule.nudge("observe-guests"); }),
        panel{*store,    clock, settings,       doorkeeper,  events, engine,
              *consoles, memo,  *machine_files, ::geteuid(), version},
        dispatcher(panel, pages()) {}

  SystemClock clock;
  services::Settings settings;
  std::unique_ptr<store::Store> store;
  contract::EngineClient engine;
  contract::MachineClient machine;
  std::unique_ptr<jobs::MachineFiles> machine_files;
  ServedCertificate served_certificate;
  connectors::HttpsChannel channel;
  jobs::Outside const outside;
  events::EventHub events;
  accounts::Doorkeeper doorkeeper;
  std::unique_ptr<api::ConsolePump> consoles;
  api::AnswerMemo memo;
  jobs::Runner runner;
  reconcilers::Schedule schedule;
  reconcilers::GuestWatch guests;
  api::Panel panel;
  api::Dispatcher dispatcher;
  Certificate certificate;
  std::optional<http::Server> server;
  std::thread starter_images;
  Greeting greeting;
  bool stopped = false;

  services::Call local_call() {
    return {*store, access::Actor::local_administrator(::geteuid()), clock.now(), settings};
  }
  Result<void> serve(Options const& options);
  Result<void> reload() { return server->reload_certificates({{certificate.chain, certificate.key, {}}}); }
  void register_images(std::filesystem::path const& folder);
};

Result<void> Application::Parts::serve(Options const& options) {
  auto const listen = TRY(parse_endpoint(options.listen));
  certificate = TRY(ensure_certificate(options.state / "tls", listen.address));
  http::Config config;
  config.tls = http::TlsListener{listen.address, listen.port, {{certificate.chain, certificate.key, {}}}};
  config.local = http::LocalListener{options.socket, std::nullopt};
  config.streamed = streamed_requests();
  server.emplace(TRY(http::Server::start(std::move(config), dispatcher)));
  served_certificate.on_change([this] { return reload(); });
  greeting.url = public_url(listen.address, server->port());
  greeting.fingerprint = certificate.fingerprint;
  auto call = local_call();
  if (TRY(accounts::setup_needed(*store))) greeting.setup_code = TRY(accounts::issue_setup_code(call));
  return {};
}

void Application::Parts::register_images(std::filesystem::path const& folder) {
  auto call = local_call();
  auto system = access::grant_system(call, access::Permission::image_manage);
  auto const registered =
      system ? images::register_starter_images(call, *system, folder) : Result<int>(std::unexpected(system.error()));
  if (!registered)
    log(LogLevel::error, "app", "the starter images could not be registered",
        {{"error", describe(registered.error())}});
}

void forget_copies(Options const& options) {
  store::Store::forget_copies(options.state / "berth.db");
}

Result<std::unique_ptr<Application>> Application::start(Options const& options) {
  TRY(ensure_state_folder(options.state));
  auto const file = options.state / "berth.db";
  if (options.restore_good_copy) TRY(store::Store::restore_good_copy(file, SystemClock().now()));
  auto store = TRY(store::Store::open({.file = file}));
  TRY(services::prepare_first_start(*store, SystemClock().now(), {}));
  auto const secrets = TRY(open_master_key(options.state));
  auto pump = TRY(api::ConsolePump::start());
  auto files = TRY(jobs::MachineFiles::open(options.state / "machine"));
  auto parts = std::make_unique<Parts>(options, std::move(store), std::move(pump), std::move(files));
  // Claims of a former process are answered by nobody.
  TRY(parts->local_call().write([](store::Transaction& tx) { return tx.idempotency.remove_unanswered(); }));
  auto call = parts->local_call();
  TRY(check_master_key(call, secrets));
  TRY(parts->serve(options));
  TRY(parts->runner.start());
  for (auto add : {reconcilers::observe_guests, reconcilers::restore_power, reconcilers::observe_images,
                   reconcilers::image_janitor})
    parts->schedule.add(add(parts->engine));
  for (auto add : {reconcilers::expire_credentials, reconcilers::job_janitor, reconcilers::event_janitor,
                   reconcilers::database_copy, reconcilers::automatic_updates})
    parts->schedule.add(add());
  parts->schedule.add(reconcilers::observe_machine(parts->outside));
  parts->schedule.start();
  parts->guests.start();
  // Reading descriptions and digests of large files must not delay the first answer.
  if (!options.images.empty())
    parts->starter_images = std::thread([p = parts.get(), folder = options.images] { p->register_images(folder); });
  return std::make_unique<Application>(std::move(parts));
}

Application::Application(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

Application::~Application() {
  stop();
}

Application::Greeting const& Application::greeting() const {
  return parts_->greeting;
}

bool Application::healthy() const {
  return accounts::setup_needed(*parts_->store).has_value();
}

Result<void> Application::reload() {
  return parts_->reload();
}

void Application::stop() {
  if (std::exchange(parts_->stopped, true)) return;
  parts_->events.close();
  parts_->consoles->stop();
  if (parts_->server) parts_->server->stop(http_stop_deadline);
  parts_->guests.stop();
  parts_->schedule.stop();
  parts_->runner.stop();
  if (parts_->starter_images.joinable()) parts_->starter_images.join();
}

}  // namespace berth::app
