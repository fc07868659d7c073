// A machine for the real engine: an XFS file system for its state, libvirt, and berth-engine as a program. Needs root in a
// mount, PID and network namespace of its own (./dev test); the images come from provisioning/images.
#pragma once

#include <filesystem>
#include <memory>

#include "drivers/contract/client.hpp"
#include "tests/contract/program.hpp"
#include "tests/contract/subject.hpp"

namespace berth::contract::testing {

class RealWorld {
 public:
  RealWorld();
  // Stops all guests by `berth-engine stop-guests`, then everything that was started.
  ~RealWorld();

  // With these variables in its environment ("NAME=VALUE").
  void start_engine(std::vector<std::string> variables = {});
  // SIGTERM, and its exit code.
  int stop_engine();
  Program& engine_program() { return *engine_; }
  Program* libvirtd() { return libvirtd_.get(); }  // null when one answered before
  std::vector<std::string> engine_arguments() const;
  std::string socket() const { return (folder_.path() / "engine.sock").string(); }
  std::filesystem::path state() const { return folder_.path() / "state"; }
  std::filesystem::path runtime() const { return folder_.path() / "runtime"; }
  TestImage const& image(GuestKind kind) const { return images_[kind == GuestKind::vm ? 0 : 1]; }

 private:
  TemporaryFolder folder_;
  TestImage images_[2];
  std::unique_ptr<Program> virtlogd_, libvirtd_, engine_;
};

// The one world of this test program, made when it is first asked for and ended after the last test.
RealWorld& world();
// What on this machine is named after a guest: mounts, files, control groups, loop devices, interfaces, rules, domains.
// Empty when nothing is.
std::string traces_of(GuestId const& guest);
// Host processes that belong to a guest: QEMU, or the first process of a container.
std::vector<pid_t> processes_of(GuestId const& guest);

}  // namespace berth::contract::testing
