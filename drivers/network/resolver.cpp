#include "drivers/network/resolver.hpp"

#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <sstream>

#include "drivers/contract/driver.hpp"
#include "firmware/base/descriptor.hpp"
#include "firmware/base/files.hpp"
#include "firmware/base/process.hpp"

namespace berth::network {
namespace {

std::filesystem::path pid_file(std::filesystem::path const& runtime) {
  return runtime / "dnsmasq.pid";
}
std::filesystem::path hosts_directory(std::filesystem::path const& runtime) {
  return runtime / "dhcp-hosts";
}

std::filesystem::path leases_file(std::filesystem::path const& runtime) {
  return runtime / "leases";
}
std::filesystem::path unfinished_lease(std::filesystem::path const& runtime, std::string const& guest) {
  return runtime / (guest + ".new");
}

std::vector<std::string> lines_of(std::filesystem::path const& path) {
  std::ifstream file(path);
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) lines.push_back(std::move(line));
  return lines;
}

// What add() wrote: "MAC,ADDRESS,infinite". Empty when it did not.
std::string address_in(std::filesystem::path const& entry) {
  std::ifstream file(entry);
  std::string mac, address;
  std::getline(file, mac, ',');
  std::getline(file, address, ',');
  return address;
}

std::vector<std::string> command_line(std::filesystem::path const& runtime, contract::NetworkSpec const& network) {
  return {"/usr/sbin/dnsmasq",
          "--conf-file=/dev/null",
          "--pid-file=" + pid_file(runtime).string(),
          std::string("--interface=") + contract::bridge_name,
          "--except-interface=lo",
          "--bind-interfaces",
          "--listen-address=" + network.gateway.str(),
          "--no-hosts",
          "--domain-needed",
          "--bogus-priv",
          "--stop-dns-rebind",
          "--dhcp-range=" + network.gateway.str() + ",static",
          "--dhcp-hostsdir=" + hosts_directory(runtime).string(),
          "--dhcp-leasefile=" + leases_file(runtime).string(),
          "--dhcp-authoritative",
          "--dhcp-option=option:router," + network.gateway.str(),
          "--dhcp-option=option:dns-server," + network.gateway.str(),
          "--no-ping",
          "--quiet-dhcp"};
}

}  // namespace

Resolver::Resolver(std::filesystem::path runtime) : runtime_(std::move(runtime)) {}

int Resolver::running_pid() const {
  std::ifstream file(pid_file(runtime_));
  int pid = 0;
  if (!(file >> pid) || pid <= 1) return 0;
  // The number may have gone to another program since: only a dnsmasq with our process id file is ours.
  std::ifstream command("/proc/" + std::to_string(pid) + "/cmdline", std::ios::binary);
  std::ostringstream words;
  words << command.rdbuf();
  return words.str().find("--pid-file=" + pid_file(runtime_).string()) == std::string::npos ? 0 : pid;
}

Result<void> Resolver::ensure(contract::NetworkSpec const& network) {
  // dnsmasq gives up root before it reads them.
  for (auto const& directory : {runtime_, hosts_directory(runtime_)}) TRY(ensure_directory(directory, 0755));
  if (running_pid() != 0) return {};
  auto const output = TRY(run_program(command_line(runtime_, network)));
  if (output.exit_code != 0)
    return fail(ErrorCode::io, "dnsmasq-refused", "dnsmasq did not start: " + output.err.substr(0, 300));
  return {};
}

Result<void> Resolver::add(std::string const& guest, contract::NicSpec const& nic) {
  auto const path = hosts_directory(runtime_) / guest;
  auto const fresh = unfinished_lease(runtime_, guest);
  std::ofstream file(fresh);
  file << nic.mac.str() << ',' << nic.address.str() << ",infinite\n" << std::flush;
  if (!file) return fail(ErrorCode::io, "unwritable", "the lease of " + guest + " cannot be written");
  // dnsmasq watches the directory and takes whole files that arrive in it.
  std::error_code ec;
  std::filesystem::permissions(fresh, std::filesystem::perms(0644), ec);
  std::filesystem::rename(fresh, path, ec);
  if (ec) return fail_errno(ec.value(), "keeping the lease of " + guest);
  return {};
}

Result<void> Resolver::remove(std::string const& guest, contract::NetworkSpec const& network) {
  auto const path = hosts_directory(runtime_) / guest;
  if (auto const address = address_in(path); !address.empty()) TRY(forget_lease(address));
  std::error_code ec;
  std::filesystem::remove(unfinished_lease(runtime_, guest), ec);
  auto const existed = std::filesystem::remove(path, ec);
  if (ec) return fail_errno(ec.value(), "removing the lease of " + guest);
  // Files that go are noticed only at SIGHUP (dnsmasq(8), --dhcp-hostsdir).
  if (auto const pid = running_pid(); existed && pid != 0) ::kill(pid, SIGHUP);
  return ensure(network);
}

// dnsmasq keeps them in memory and writes the file itself: it is changed while it does not run.
Result<void> Resolver::forget_lease(std::string const& address) {
  auto const holds = [&](std::string const& line) {
    std::istringstream words(line);  // when it ends, MAC, address, name, client
    std::string end, mac, held;
    return (words >> end >> mac >> held) && held == address;
  };
  if (std::ranges::none_of(lines_of(leases_file(runtime_)), holds)) return {};
  TRY(stop());
  std::string kept;
  for (auto const& line : lines_of(leases_file(runtime_)))
    if (!holds(line)) kept += line + "\n";
  return replace_volatile_file(leases_file(runtime_), kept, 0644);
}

// Waits for its very end: it takes its file away, and its memory goes, before its sockets are free (pidfd_open(2)).
Result<void> Resolver::stop() {
  auto const pid = running_pid();
  if (pid == 0) return {};
  Descriptor const process(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
  if (!process.valid() && errno == ESRCH) return {};
  if (!process.valid()) return fail_errno(errno, "watching dnsmasq");
  for (int const ending : {SIGTERM, SIGKILL}) {
    ::syscall(SYS_pidfd_send_signal, process.get(), ending, nullptr, 0);
    pollfd ended{process.get(), POLLIN, 0};
    if (::poll(&ended, 1, 5000) > 0) return {};
  }
  return fail(ErrorCode::timed_out, "dnsmasq-stays", "dnsmasq does not end.");
}

}  // namespace berth::network
