#include "tests/system/kvm/virtual_host.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sched.h>
#include <spawn.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <array>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <thread>

#include "drivers/kvm/guest_files.hpp"
#include "firmware/base/process.hpp"

namespace berth::kvm::test {
namespace {

using Steady = std::chrono::steady_clock;

[[noreturn]] void give_up(std::string const& what) {
  std::cerr << "cannot prepare the test: " << what << '\n';
  std::exit(2);
}

void must(Result<std::string> const& result) {
  if (!result) give_up(describe(result.error()));
}

void empty_directory(char const* path) {
  std::filesystem::create_directories(path);
  if (mount("berth-test", path, "tmpfs", 0, "mode=755") != 0) give_up(std::string("mount over ") + path);
}

bool answers(std::filesystem::path const& socket) {
  return connect_unix(socket).has_value();
}

}  // namespace

void enter_namespaces() {
  if (unshare(CLONE_NEWNS | CLONE_NEWNET) != 0) give_up("unshare (root is needed)");
  if (mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) give_up("private mounts");
  // libvirt sets a bridge port's flags through /sys, which shows the network namespace that mounted it.
  std::filesystem::create_directories("/run/cgroup");
  if (mount("/sys/fs/cgroup", "/run/cgroup", nullptr, MS_BIND | MS_REC, nullptr) != 0) give_up("keep /sys/fs/cgroup");
  if (mount("sysfs", "/sys", "sysfs", 0, nullptr) != 0) give_up("mount /sys");
  if (mount("/run/cgroup", "/sys/fs/cgroup", nullptr, MS_BIND | MS_REC, nullptr) != 0) give_up("keep /sys/fs/cgroup");
  for (auto const* path : {"/run/libvirt", "/etc/libvirt/qemu", "/var/lib/libvirt", "/var/log/libvirt"})
    empty_directory(path);
  must(run_checked({"ip", "link", "set", "lo", "up"}));
  must(run_checked({"ip", "link", "add", contract::bridge_name, "type", "bridge"}));
  must(run_checked({"ip", "link", "set", contract::bridge_name, "up"}));
}

bool comes_true(std::function<bool()> const& condition, std::chrono::seconds limit) {
  auto const deadline = Steady::now() + limit;
  while (!condition()) {
    if (Steady::now() > deadline) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  return true;
}

Daemon::Daemon(std::vector<std::string> argv) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  auto const log = "/run/libvirt/" + std::filesystem::path(argv[0]).filename().string() + ".log";
  posix_spawn_file_actions_addopen(&actions, 1, log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
  posix_spawn_file_actions_adddup2(&actions, 1, 2);
  posix_spawn_file_actions_addclosefrom_np(&actions, 3);
  std::vector<char*> pointers;
  for (auto& argument : argv) pointers.push_back(argument.data());
  pointers.push_back(nullptr);
  if (posix_spawn(&pid_, argv[0].c_str(), &actions, nullptr, pointers.data(), environ) != 0)
    give_up("start " + argv[0]);
  posix_spawn_file_actions_destroy(&actions);
}

Daemon::~Daemon() {
  signal(SIGCONT);
  end(SIGTERM);
}

void Daemon::signal(int number) const {
  if (pid_ > 0) kill(pid_, number);
}

void Daemon::end(int number) {
  if (pid_ <= 0) return;
  kill(pid_, number);
  auto const gone = [&] { return waitpid(pid_, nullptr, WNOHANG) != 0; };
  if (!comes_true(gone, std::chrono::seconds(20))) {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
  pid_ = -1;
}

VirtualHost::VirtualHost() {
  std::string name = "/var/tmp/berth-kvm-XXXXXX";
  root_ = mkdtemp(name.data());
  std::filesystem::permissions(root_, std::filesystem::perms(0711));
  directories_ = {root_ / "state", "/run/libvirt/berth"};
  for (auto const& path : {directories_.state, directories_.runtime}) {
    std::filesystem::create_directories(path);
    std::filesystem::permissions(path, std::filesystem::perms(0711));
  }
  virtlogd_ =
      std::make_unique<Daemon>(std::vector<std::string>{"/usr/sbin/virtlogd", "-p", "/run/libvirt/virtlogd.pid"});
  start_libvirtd();
}

VirtualHost::~VirtualHost() {
  libvirtd_.reset();
  virtlogd_.reset();
  std::filesystem::remove_all(root_);
}

void VirtualHost::start_libvirtd() {
  libvirtd_ =
      std::make_unique<Daemon>(std::vector<std::string>{"/usr/sbin/libvirtd", "-p", "/run/libvirt/libvirtd.pid"});
  if (comes_true([] { return answers("/run/libvirt/libvirt-sock"); }, std::chrono::seconds(60))) return;
  std::ifstream log("/run/libvirt/libvirtd.log");
  std::cerr << log.rdbuf();
  give_up("libvirtd does not answer");
}

Result<void> TestDisks::create_disk(contract::CreateDisk const& wish) {
  GuestFiles const files(directories_, wish.guest);
  TRY(make_folder(files));
  std::filesystem::copy_file("/cache/images/tiny-vm/image.qcow2", files.folder / "disk.qcow2");
  TRY(run_checked({"qemu-img", "resize", "-q", files.folder / "disk.qcow2", std::to_string(wish.size_bytes.value)}));
  std::filesystem::permissions(files.folder / "disk.qcow2", std::filesystem::perms(0600));
  return {};
}

Result<void> TestDisks::delete_disk(contract::GuestId const& guest) {
  std::filesystem::remove_all(GuestFiles(directories_, guest).folder);
  return {};
}

Result<std::filesystem::path> TestDisks::disk_path(contract::GuestId const& guest) {
  auto path = GuestFiles(directories_, guest).folder / "disk.qcow2";
  if (!std::filesystem::exists(path)) return fail(ErrorCode::not_found, "not-found", "no disk");
  return path;
}

bool Viewer::sees(std::string_view text, int seconds) {
  auto const deadline = Steady::now() + std::chrono::seconds(seconds);
  while (socket_.valid()) {
    if (auto const at = seen_.find(text); at != std::string::npos) {
      seen_.erase(0, at + text.size());
      return true;
    }
    auto const left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Steady::now()).count();
    pollfd entry{socket_.get(), POLLIN, 0};
    if (left <= 0 || poll(&entry, 1, static_cast<int>(left)) <= 0) return false;
    std::array<char, 4096> buffer{};
    auto const size = read(socket_.get(), buffer.data(), buffer.size());
    if (size <= 0) return false;
    seen_.append(buffer.data(), static_cast<std::size_t>(size));
  }
  return false;
}

void Viewer::types(std::string_view text) const {
  while (!text.empty()) {
    auto const size = send(socket_.get(), text.data(), text.size(), MSG_NOSIGNAL);
    if (size <= 0) return;
    text.remove_prefix(static_cast<std::size_t>(size));
  }
}

}  // namespace berth::kvm::test
