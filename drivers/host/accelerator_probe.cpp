#include "drivers/host/accelerator_probe.hpp"

#include <fcntl.h>
#include <linux/kvm.h>
#include <poll.h>
#include <spawn.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <format>
#include <fstream>
#include <iterator>
#include <optional>
#include <vector>

#include "firmware/base/descriptor.hpp"
#include "firmware/base/log.hpp"

extern "C" char const probe_sector[];
extern "C" char const probe_sector_end[];

namespace berth::host {
namespace {

using contract::Accelerator;
using Steady = std::chrono::steady_clock;

// isa-debug-exit turns the byte B into QEMU's exit status (B << 1) | 1.
constexpr int probe_passed = 0x2a;
constexpr auto checks = std::to_array<std::string_view>(
    {"", "a string copy in real mode", "the switch to protected mode", "the switch to long mode", "CPUID", "paging",
     "SSE arithmetic", "a trap through the interrupt table", "memory-mapped I/O"});

std::string words(int error_number) {
  return std::generic_category().message(error_number);
}

// What is wrong with the device itself; empty when it opens and makes a VM.
std::string device_trouble(std::filesystem::path const& device) {
  Descriptor kvm(open(device.c_str(), O_RDWR | O_CLOEXEC));
  if (!kvm.valid() && errno == ENOENT) return std::format("this machine has no {}", device.string());
  if (!kvm.valid()) return std::format("{} does not open: {}", device.string(), words(errno));
  int const version = ioctl(kvm.get(), KVM_GET_API_VERSION, 0);
  if (version < 0) return std::format("{} is not the KVM device: {}", device.string(), words(errno));
  if (version != KVM_API_VERSION) return std::format("{} speaks version {} of its interface", device.string(), version);
  Descriptor machine(ioctl(kvm.get(), KVM_CREATE_VM, 0));
  if (!machine.valid()) return std::format("{} makes no virtual machine: {}", device.string(), words(errno));
  return {};
}

// The sector as a disk of 1 MiB (firmware refuses smaller ones), in memory.
Descriptor sector_disk() {
  Descriptor disk(memfd_create("berth-probe-sector", 0));
  auto const size = static_cast<std::size_t>(probe_sector_end - probe_sector);
  if (!disk.valid() || ftruncate(disk.get(), 1 << 20) != 0 ||
      pwrite(disk.get(), probe_sector, size, 0) != static_cast<ssize_t>(size))
    disk.reset();
  return disk;
}

// A child that does not outlive this object.
class Child {
 public:
  Child(std::filesystem::path const& program, std::vector<std::string> arguments, int disk, int output) {
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, output, 1);
    posix_spawn_file_actions_adddup2(&actions, output, 2);
    posix_spawn_file_actions_adddup2(&actions, disk, 3);
    posix_spawn_file_actions_addclosefrom_np(&actions, 4);
    std::vector<char*> argv;
    for (auto& argument : arguments) argv.push_back(argument.data());
    argv.push_back(nullptr);
    std::array<char*, 1> environment{nullptr};
    error_ = posix_spawn(&pid_, program.c_str(), &actions, nullptr, argv.data(), environment.data());
    posix_spawn_file_actions_destroy(&actions);
    if (error_ != 0) pid_ = -1;
  }
  Child(Child const&) = delete;
  Child& operator=(Child const&) = delete;
  ~Child() { reap(true); }

  int error() const { return error_; }
  // The wait status, once; killed first when asked.
  int reap(bool kill_first) {
    int status = 0;
    if (pid_ <= 0) return status;
    if (kill_first) kill(pid_, SIGKILL);
    while (waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
    pid_ = -1;
    return status;
  }

 private:
  pid_t pid_ = -1;
  int error_ = 0;
};

std::vector<std::string> probe_arguments(Accelerator accelerator, std::filesystem::path const& qemu) {
  bool const kvm = accelerator == Accelerator::kvm;
  // The processor model is the one that libvirt's host-passthrough (or maximum, for TCG) gives to guests.
  return {qemu.string(),
          "-nodefaults",
          "-no-user-config",
          "-display",
          "none",
          "-no-reboot",
          "-m",
          "64",
          "-machine",
          kvm ? "q35,accel=kvm" : "q35,accel=tcg",
          "-cpu",
          kvm ? "host,migratable=on" : "max",
          "-device",
          "isa-debug-exit,iobase=0x501,iosize=2",
          "-drive",
          "file=/proc/self/fd/3,format=raw,if=none,id=sector,readonly=on,file.locking=off",
          "-device",
          "virtio-blk-pci,drive=sector"};
}

// Reads what the child says until it closes its end, stops executing or the time is over. True: it ended by itself.
bool listen_until(int pipe, Steady::time_point deadline, std::string& said) {
  while (true) {
    auto const left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Steady::now()).count();
    if (left <= 0) return false;
    pollfd entry{pipe, POLLIN, 0};
    int const ready = poll(&entry, 1, static_cast<int>(left));
    if (ready < 0 && errno == EINTR) continue;
    if (ready <= 0) return false;
    std::array<char, 4096> buffer{};
    auto const size = read(pipe, buffer.data(), buffer.size());
    if (size < 0 && errno == EINTR) continue;
    if (size <= 0) return true;
    if (said.size() < 65536) said.append(buffer.data(), static_cast<std::size_t>(size));
    if (said.contains("KVM internal error") && said.contains('\n')) return false;
  }
}

// The first line that is not a warning, without QEMU's name before it, as printable text.
std::string first_complaint(std::string_view said) {
  while (!said.empty()) {
    auto const end = said.find('\n');
    auto line = said.substr(0, end);
    said = end == std::string_view::npos ? std::string_view{} : said.substr(end + 1);
    if (line.empty() || line.contains("warning:")) continue;
    for (std::string_view prefix : {"qemu-system-x86_64: ", "error: "})
      if (line.starts_with(prefix)) line.remove_prefix(prefix.size());
    std::string text(line.substr(0, 160));
    std::ranges::replace_if(text, [](char c) { return c < ' ' || c > '~'; }, '?');
    return text;
  }
  return {};
}

std::string what_was_seen(bool ended, int status, std::string_view said, std::chrono::milliseconds limit) {
  auto const complaint = first_complaint(said);
  auto const quoted = complaint.empty() ? std::string() : std::format(" with \"{}\"", complaint);
  if (!ended && said.contains("KVM internal error"))
    return std::format("the processor stopped in the middle of a guest{}", quoted);
  if (!ended) return std::format("a test guest did not get through its checks within {} seconds", limit.count() / 1000);
  if (WIFSIGNALED(status)) return std::format("QEMU crashed{}", quoted);
  int const code = WEXITSTATUS(status);
  if (code == (probe_passed << 1 | 1)) return {};
  auto const check = static_cast<std::size_t>(code >> 1);
  if ((code & 1) != 0 && check > 0 && check < checks.size())
    return std::format("a test guest got a wrong result from {}", checks[check]);
  return std::format("QEMU gave up{}", quoted);
}

std::optional<AcceleratorVerdict> remembered(std::filesystem::path const& file) {
  std::ifstream in(file);
  std::string const text{std::istreambuf_iterator<char>(in), {}};
  auto value = parse_json(text);
  auto const* object = value ? value->if_object() : nullptr;
  auto const* name = object != nullptr ? object->if_contains("accelerator") : nullptr;
  auto const* reason = object != nullptr ? object->if_contains("reason") : nullptr;
  AcceleratorVerdict verdict;
  if (name == nullptr || reason == nullptr || !name->is_string() || !reason->is_string()) return std::nullopt;
  if (!boost::describe::enum_from_string(name->get_string().c_str(), verdict.accelerator)) return std::nullopt;
  verdict.reason = std::string(reason->get_string());
  return verdict;
}

void remember(std::filesystem::path const& file, AcceleratorVerdict const& verdict) {
  auto const fresh = std::filesystem::path(file).concat(".new");
  std::ofstream out(fresh, std::ios::trunc);
  out << write_json(verdict) << '\n';
  out.close();
  std::error_code ignored;  // not kept: the next start proves it again
  if (out) std::filesystem::rename(fresh, file, ignored);
}

}  // namespace

std::string boot_probe_sector(Accelerator accelerator, ProbeSettings const& settings) {
  auto const deadline = Steady::now() + settings.limit;
  auto disk = sector_disk();
  std::array<int, 2> ends{};
  if (!disk.valid() || pipe2(ends.data(), O_CLOEXEC) != 0)
    return "the test guest could not be prepared: " + words(errno);
  Descriptor from(ends[0]);
  Descriptor to(ends[1]);
  Child child(settings.qemu, probe_arguments(accelerator, settings.qemu), disk.get(), to.get());
  if (child.error() != 0) return std::format("QEMU does not start: {}", words(child.error()));
  to.reset();
  std::string said;
  bool const ended = listen_until(from.get(), deadline, said);
  int const status = child.reap(!ended);
  return what_was_seen(ended, status, said, settings.limit);
}

AcceleratorVerdict probe_accelerator(ProbeSettings const& settings) {
  if (auto trouble = device_trouble(settings.kvm_device); !trouble.empty())
    return {Accelerator::tcg, std::format("Guests run in software because {}.", trouble)};
  if (auto seen = boot_probe_sector(Accelerator::kvm, settings); !seen.empty())
    return {Accelerator::tcg,
            std::format("Guests run in software: {} opens, but under it {}.", settings.kvm_device.string(), seen)};
  return {Accelerator::kvm, std::format("A test guest executed correctly on {}.", settings.kvm_device.string())};
}

AcceleratorVerdict accelerator(std::filesystem::path const& runtime, ProbeSettings const& settings) {
  auto const file = runtime / "accelerator.json";
  if (auto known = remembered(file)) return *known;
  auto const verdict = probe_accelerator(settings);
  log(LogLevel::info, "host", verdict.reason,
      {{"accelerator", boost::describe::enum_to_string(verdict.accelerator, "")}});
  remember(file, verdict);
  return verdict;
}

}  // namespace berth::host
