// berth-engine-fake: the in-memory engine and machine behind the same socket and interfaces as berth-engine.
#include <CLI/CLI.hpp>
#include <csignal>
#include <iostream>

#include "drivers/contract/server.hpp"
#include "drivers/fake/fake_engine.hpp"
#include "drivers/fake/fake_machine.hpp"
#include "firmware/base/log.hpp"

namespace {

using namespace berth;

Result<void> run(contract::ServeOptions const& serve, fake::FakeOptions options, bool demo) {
  auto engine = TRY(fake::FakeEngine::open(std::move(options)));
  if (demo)  // long enough that a person sees a job's steps go by
    for (auto const* call :
         {"import_image", "create_disk", "connect_network", "define_guest", "start_guest", "stop_guest"})
      engine->faults().delay(call, std::chrono::milliseconds(400));
  SystemClock const clock;
  fake::FakeMachine machine(clock, {.update_takes = std::chrono::seconds(demo ? 20 : 2)});
  auto server = TRY(contract::Server::listen(*engine, machine, serve));
  return server->run();
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Berth's in-memory engine, for demonstrations and tests");
  contract::ServeOptions serve;
  serve.handle_signals = true;
  fake::FakeOptions options;
  bool demo = false;
  app.add_option("--socket", serve.socket, "the UNIX socket to listen on")->required();
  app.add_option("--group", serve.group, "the socket's group");
  app.add_option("--state", options.state_file, "keep everything in this file over restarts");
  app.add_flag("--demo", demo, "take a moment over each act");
  CLI11_PARSE(app, argc, argv);

  sigset_t ending;
  sigemptyset(&ending);
  sigaddset(&ending, SIGTERM);
  sigaddset(&ending, SIGINT);
  pthread_sigmask(SIG_BLOCK, &ending, nullptr);

  if (auto ran = run(serve, std::move(options), demo); !ran) {
    log(LogLevel::error, "engine", describe(ran.error()));
    return 1;
  }
  return 0;
}
