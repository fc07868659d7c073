// berth-console: the machine's own terminal. On tty1 and the serial line, and as the forced command of an SSH key.
//
//   berth-console              on a terminal of the machine: whoever is there has to sign in once there are administrators
//   berth-console --over-ssh   as forced command: the key has proved who it is
#include <spawn.h>
#include <sys/wait.h>
#include <syslog.h>
#include <systemd/sd-journal.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <ctime>

#include "drivers/contract/machine_client.hpp"
#include "firmware/base/process.hpp"
#include "firmware/console/console.hpp"
#include "firmware/console/installer_program.hpp"
#include "firmware/console/terminal.hpp"

namespace {

using namespace berth;

// Then whoever signed in is taken for gone; root-shell.bash has it for the shell.
constexpr std::chrono::minutes patience{10};
constexpr std::chrono::seconds time_to_start{180};

// On this very terminal, so it inherits everything; the console waits.
Result<void> root_shell() {
  static char name[] = "bash", file[] = "--rcfile", settings[] = "/usr/lib/berth/root-shell.bash", asks[] = "-i";
  char* const argv[] = {name, file, settings, asks, nullptr};
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
  return {};
}

// To the journal and never to standard error, which is the terminal.
void note(std::string_view what) {
  sd_journal_send("MESSAGE=console: %.*s", static_cast<int>(what.size()), what.data(), "PRIORITY=%i", LOG_NOTICE,
                  "SYSLOG_IDENTIFIER=berth-console", nullptr);
}

// What is left of the time in which a machine that has just been switched on starts its panel.
std::chrono::seconds left_of_start() {
  timespec up{};
  ::clock_gettime(CLOCK_BOOTTIME, &up);
  return std::max(std::chrono::seconds{0}, time_to_start - std::chrono::seconds{up.tv_sec});
}

// What an SSH key asked for by name, instead of the console.
int answer(std::string_view wish, contract::Machine& machine) {
  if (wish != "support-bundle") {
    std::fputs("berth-console: support-bundle is all that can be asked for by name\n", stderr);
    return 2;
  }
  auto const written = console::write_support_bundle(machine, STDOUT_FILENO);
  if (!written) std::fprintf(stderr, "berth-console: %s\n", describe(written.error()).c_str());
  return written ? 0 : 1;
}

Result<void> leave(contract::AfterInstall act) {
  TRY(run_checked({"systemctl", act == contract::AfterInstall::restart ? "reboot" : "poweroff"}));
  return {};
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Berth's console: first set-up and repair");
  std::string engine = "/run/berth/engine.sock", panel = "/run/berth/panel.sock";
  app.add_option("--engine", engine, "the engine's socket")->capture_default_str();
  app.add_option("--panel", panel, "the panel's local socket")->capture_default_str();
  console::Files files{"/var/lib/berth/tls/panel.pem", "/run/berth/greeting", "/run/berth-seed/told", "/data/support"};
  bool over_ssh = false;
  app.add_option("--certificate", files.certificate, "the panel's certificate")->capture_default_str();
  app.add_option("--greeting", files.greeting, "what the panel said at its start")->capture_default_str();
  app.add_option("--seed", files.seed, "what became of a seed")->capture_default_str();
  app.add_option("--support", files.support, "where a support bundle stays")->capture_default_str();
  app.add_flag("--over-ssh", over_ssh, "a key has proved who is there");
  bool install = false;
  app.add_flag("--install", install, "the installer's pages instead: only on its medium");
  CLI11_PARSE(app, argc, argv);
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGINT, SIG_IGN);  // Ctrl-C is a habit, not a wish to lose this console; the shell sets its own
  std::signal(SIGQUIT, SIG_IGN);
  std::signal(SIGTSTP, SIG_IGN);

  console::Terminal terminal;
  if (install) {
    console::Dialogue dialogue(terminal);
    console::InstallerProgram installer("/usr/lib/berth/berth-installer");
    console::run_installer({dialogue, installer, leave});
    return 0;
  }
  console::Dialogue dialogue(terminal, patience);
  contract::MachineClient machine(engine);
  if (char const* wish = std::getenv("SSH_ORIGINAL_COMMAND"); over_ssh && wish != nullptr) return answer(wish, machine);
  auto client = cli::Client::make(panel);
  if (!client) {
    console::tell(dialogue, client.error());
    return 1;
  }
  console::run({dialogue, machine, *client, files, over_ssh, left_of_start(), root_shell,
                [](std::vector<std::string> const& argv) { return run_checked(argv); }, note});
  return 0;
}
