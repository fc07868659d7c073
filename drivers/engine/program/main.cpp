// berth-engine: the only part of Berth that touches the machine. Guests go on when it ends.
//
//   berth-engine [--socket PATH] [--state DIR] [--runtime DIR]                    serves org.berth.Engine and org.berth.Machine until SIGTERM
//   berth-engine write-settings                                                   before networkd and timesyncd start
//   berth-engine stop-guests [--timeout SECONDS] [--state DIR] [--runtime DIR]   before the machine goes down
#include <malloc.h>
#include <sys/stat.h>

#include <CLI/CLI.hpp>
#include <cerrno>
#include <csignal>
#include <thread>

#include "drivers/contract/server.hpp"
#include "drivers/engine/boot_id.hpp"
#include "drivers/engine/engine_lock.hpp"
#include "drivers/engine/program/machine.hpp"
#include "drivers/engine/stop_all.hpp"
#include "firmware/base/log.hpp"

namespace {

using namespace berth;

struct Options {
  contract::ServeOptions serve{.socket = "/run/berth/engine.sock", .group = "berth", .handle_signals = true};
  contract::Directories directories{"/var/lib/berth/engine", "/run/berth-engine"};
  std::filesystem::path sandbox;
  int timeout_s = 60;
};

Result<void> make_folder(std::filesystem::path const& path) {
  std::error_code ec;
  std::filesystem::create_directories(path, ec);
  if (ec) return fail_errno(ec.value(), "making " + path.string());
  // QEMU and containers reach their own files below as other users; nobody else can list what is there.
  if (::chmod(path.c_str(), 0711) < 0) return fail_errno(errno, "setting the mode of " + path.string());
  return {};
}

Result<void> make_folders(contract::Directories const& directories) {
  TRY(make_folder(directories.state));
  return make_folder(directories.runtime);
}

// Runs when a call outlives the engine: nothing it does may be waited for, and every call may be repeated.
[[noreturn]] void leave_at_once(int code) {
  ::_exit(code);
}

Result<void> serve(Options const& options) {
  TRY(make_folders(options.directories));
  auto const lock = TRY(engine::EngineLock::take(options.directories.runtime));
  auto machine = TRY(engine::assemble(options.directories, options.sandbox));
  auto const itself = TRY(engine::itself(options.directories));
  auto server = TRY(contract::Server::listen(*machine.engine, *itself, options.serve));
  // Running VMs' consoles are taken up again by looking at them once; libvirt may be away, so not before serving.
  std::jthread first_look([&machine] {
    if (auto seen = machine.engine->guests(); !seen) log(LogLevel::warning, "engine", describe(seen.error()));
  });
  auto ran = server->run();
  if (!ran && ran.error().code == ErrorCode::timed_out) {
    log(LogLevel::warning, "engine", describe(ran.error()));
    leave_at_once(0);
  }
  return ran;
}

Result<void> stop_guests(Options const& options) {
  TRY(make_folders(options.directories));
  auto const lock = TRY(engine::EngineLock::take_over(options.directories.runtime, std::chrono::seconds(30)));
  auto machine = TRY(engine::assemble(options.directories, options.sandbox));
  auto stopped = engine::stop_all(*machine.engine, std::chrono::seconds(options.timeout_s));
  // Rules and bridge stay while anything that they hold back might still run.
  TRY(std::move(stopped));
  TRY(machine.network->take_down());
  return engine::forget_boot_id(options.directories.runtime);
}

void add_options(CLI::App& app, Options& options) {
  app.add_option("--state", options.directories.state, "images and guests, over restarts of the machine")
      ->capture_default_str();
  app.add_option("--runtime", options.directories.runtime, "what ends with the machine (tmpfs)")->capture_default_str();
  app.add_option("--sandbox", options.sandbox, "berth-sandbox (default: beside this program)");
}

void block_ending_signals() {
  sigset_t ending;
  sigemptyset(&ending);
  sigaddset(&ending, SIGTERM);
  sigaddset(&ending, SIGINT);
  pthread_sigmask(SIG_BLOCK, &ending, nullptr);
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Berth's engine");
  Options options;
  std::error_code unreadable;
  options.sandbox = std::filesystem::read_symlink("/proc/self/exe", unreadable).parent_path() / "berth-sandbox";
  add_options(app, options);
  app.add_option("--socket", options.serve.socket, "where to serve org.berth.Engine and org.berth.Machine")
      ->capture_default_str();
  app.add_option("--group", options.serve.group, "the group that may connect")->capture_default_str();
  auto* stop = app.add_subcommand("stop-guests", "stop every guest, then take the guests' network away");
  add_options(*stop, options);
  auto* settings = app.add_subcommand("write-settings", "write the files of networkd and timesyncd from what is kept");
  stop->add_option("--timeout", options.timeout_s, "seconds for an orderly stop; then the power is cut")
      ->check(CLI::Range(0, 3600))
      ->capture_default_str();
  CLI11_PARSE(app, argc, argv);

  ::mallopt(M_ARENA_MAX, 2);  // many threads that mostly wait: an arena each would be memory for nothing
  ::umask(0022);
  std::signal(SIGPIPE, SIG_IGN);
  if (!stop->parsed()) block_ending_signals();

  auto const done = settings->parsed() ? host::write_service_settings({})
                    : stop->parsed()   ? stop_guests(options)
                                       : serve(options);
  if (done) return 0;
  log(LogLevel::error, "engine", describe(done.error()));
  return 1;
}
