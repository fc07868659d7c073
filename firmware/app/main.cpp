// berthd: the panel.
#include <malloc.h>
#include <sys/stat.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <condition_variable>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <format>
#include <mutex>
#include <thread>

#include "firmware/api/openapi.hpp"
#include "firmware/app/wiring.hpp"
#include "firmware/base/log.hpp"
#include "firmware/jobs/runner.hpp"

namespace {

using namespace berth;

constexpr std::chrono::milliseconds stop_deadline{4500};

sigset_t handled_signals() {
  sigset_t set;
  sigemptyset(&set);
  for (int number : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&set, number);
  return set;
}

// Ends the process when an orderly stop takes too long: a step that waits for a guest may take minutes, and what is under
// way is journalled, so the next start goes on with it as after a power cut.
class StopDeadline {
 public:
  StopDeadline() : thread_([this] { wait(); }) {}
  ~StopDeadline() {
    {
      std::scoped_lock lock(mutex_);
      done_ = true;
    }
    changed_.notify_all();
    thread_.join();
  }
  StopDeadline(StopDeadline const&) = delete;
  StopDeadline& operator=(StopDeadline const&) = delete;

 private:
  void wait() {
    std::unique_lock lock(mutex_);
    if (changed_.wait_for(lock, stop_deadline, [this] { return done_; })) return;
    log(LogLevel::notice, "app", "stopped while work was under way; it goes on at the next start");
    std::_Exit(0);
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  bool done_ = false;
  std::thread thread_;  // last: it uses the others
};

void greet(app::Application::Greeting const& greeting) {
  auto text = std::format("url: {}\nfingerprint: {}\n", greeting.url, greeting.fingerprint);
  if (greeting.setup_code) text += std::format("setup-code: {}\n", *greeting.setup_code);
  std::fputs(text.c_str(), stdout);
  std::fflush(stdout);
}

// Until SIGTERM or SIGINT. SIGHUP reads the certificate again. Feeds the service manager's watchdog while all is well.
void serve(app::Application& application) {
  std::uint64_t watchdog_us = 0;
  bool const watched = sd_watchdog_enabled(0, &watchdog_us) > 0;
  auto const turn_us = watched ? std::max<std::uint64_t>(watchdog_us / 3, 100'000) : 60'000'000;
  timespec const turn{static_cast<time_t>(turn_us / 1'000'000), static_cast<long>(turn_us % 1'000'000 * 1000)};
  auto const signals = handled_signals();
  for (;;) {
    int const signal = ::sigtimedwait(&signals, nullptr, &turn);
    if (signal == SIGTERM || signal == SIGINT) return;
    if (signal == SIGHUP) {
      if (auto const reloaded = application.reload(); !reloaded)
        log(LogLevel::error, "app", "the certificate was not read again", {{"error", describe(reloaded.error())}});
    }
    if (watched && application.healthy()) sd_notify(0, "WATCHDOG=1");
  }
}

int run(app::Options const& options) {
  auto application = app::Application::start(options);
  if (!application) {
    std::fprintf(stderr, "berthd: %s\n", describe(application.error()).c_str());
    return 1;
  }
  greet((*application)->greeting());
  sd_notify(0, "READY=1");
  serve(**application);
  sd_notify(0, "STOPPING=1");
  StopDeadline const deadline;
  application->reset();
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  auto const parsed = app::parse_command_line(argc, argv);
  if (parsed.exit_code) return *parsed.exit_code;
  if (parsed.options.forget_copies) {
    app::forget_copies(parsed.options);
    return 0;
  }
  if (parsed.options.print_openapi) {
    std::fputs(api::openapi_pretty().c_str(), stdout);
    return 0;
  }
  if (parsed.options.print_crash_points) {
    for (auto const& point : jobs::crash_points()) std::puts(point.c_str());
    return 0;
  }
  if (::geteuid() == 0) {
    std::fputs("berthd: run me as the user berth, not as root: the panel needs no rights, only the engine does\n",
               stderr);
    return 77;  // EX_NOPERM of sysexits.h
  }
  ::umask(077);
  // Every thread that allocates would get an arena of its own; two are enough and keep the memory small.
  ::mallopt(M_ARENA_MAX, 2);
  ::mallopt(M_TRIM_THRESHOLD, 256 * 1024);
  std::signal(SIGPIPE, SIG_IGN);
  auto const signals = handled_signals();
  ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);  // before any thread: only serve() takes them
  return run(parsed.options);
}
