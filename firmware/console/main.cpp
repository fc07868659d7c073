// berth-console: the machine's own terminal. On tty1 and the serial line, and as the forced command of an SSH key.
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cerrno>
#include <csignal>

#include "drivers/contract/machine_client.hpp"
#include "firmware/base/log.hpp"
#include "firmware/base/process.hpp"
#include "firmware/console/console.hpp"
#include "firmware/console/terminal.hpp"

namespace {

using namespace berth;

// On this very terminal, so it inherits everything; the console waits.
Result<void> root_shell() {
  log(LogLevel::notice, "console", "a root shell was opened");
  static char name[] = "bash", login[] = "--login";
  char* const argv[] = {name, login, nullptr};
  sigset_t usual;  // this program ignores the keyboard's signals; a shell must not
  sigemptyset(&usual);
  for (int const signal : {SIGINT, SIGQUIT, SIGTSTP, SIGPIPE}) sigaddset(&usual, signal);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setsigdefault(&attributes, &usual);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
  pid_t pid = 0;
  int const error = ::posix_spawn(&pid, "/bin/bash", nullptr, &attributes, argv, environ);
  posix_spawnattr_destroy(&attributes);
  if (error != 0) return fail_errno(error, "starting the shell");
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0)
    if (errno != EINTR) return fail_errno(errno, "waiting for the shell");
  log(LogLevel::notice, "console", "the root shell was left");
  return {};
}

Result<std::string> journal(std::string_view unit) {
  std::vector<std::string> argv{"journalctl", "--boot", "--lines=300", "--no-pager", "--output=short-iso"};
  if (!unit.empty()) argv.push_back("--unit=" + std::string(unit));
  return run_checked(argv);
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Berth's console: first set-up and repair");
  std::string engine = "/run/berth/engine.sock", panel = "/run/berth/panel.sock", tls = "/var/lib/berth/tls";
  app.add_option("--engine", engine, "the engine's socket")->capture_default_str();
  app.add_option("--panel", panel, "the panel's local socket")->capture_default_str();
  app.add_option("--tls", tls, "the panel's certificate folder")->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGINT, SIG_IGN);  // Ctrl-C is a habit, not a wish to lose this console; the shell sets its own
  std::signal(SIGQUIT, SIG_IGN);
  std::signal(SIGTSTP, SIG_IGN);

  console::Terminal terminal;
  console::Dialogue dialogue(terminal);
  contract::MachineClient machine(engine);
  auto client = cli::Client::make(panel);
  if (!client) {
    console::tell(dialogue, client.error());
    return 1;
  }
  console::run({dialogue, machine, *client, tls, root_shell, journal});
  return 0;
}
