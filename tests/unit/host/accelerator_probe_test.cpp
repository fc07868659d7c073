// The sector is proved under TCG, where it must pass; the verdicts by what goes wrong.
#include "drivers/host/accelerator_probe.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

namespace berth::host {
namespace {

using contract::Accelerator;
using testing::HasSubstr;

class Folder {
 public:
  Folder() {
    std::string name = testing::TempDir() + "berth-host-XXXXXX";
    path = mkdtemp(name.data());
  }
  ~Folder() { std::filesystem::remove_all(path); }
  std::filesystem::path path;
};

std::filesystem::path script(Folder const& folder, std::string const& body) {
  auto const file = folder.path / "qemu";
  std::ofstream(file) << "#!/bin/sh\n" << body << '\n';
  std::filesystem::permissions(file, std::filesystem::perms::owner_all);
  return file;
}

TEST(ProbeSector, PassesEveryCheckOnAProcessorThatWorks) {
  ProbeSettings settings;
  settings.limit = std::chrono::seconds(60);
  EXPECT_EQ(boot_probe_sector(Accelerator::tcg, settings), "");
}

TEST(Probe, AMachineWithoutTheDevice) {
  ProbeSettings settings;
  settings.kvm_device = "/nonexistent/kvm";
  auto const verdict = probe_accelerator(settings);
  EXPECT_EQ(verdict.accelerator, Accelerator::tcg);
  EXPECT_EQ(verdict.reason, "Guests run in software because this machine has no /nonexistent/kvm.");
}

TEST(Probe, AFileThatIsNotTheDevice) {
  ProbeSettings settings;
  settings.kvm_device = "/dev/null";
  auto const verdict = probe_accelerator(settings);
  EXPECT_EQ(verdict.accelerator, Accelerator::tcg);
  EXPECT_THAT(verdict.reason, HasSubstr("/dev/null is not the KVM device"));
}

TEST(ProbeGuest, ASilentGuestIsCutOff) {
  Folder folder;
  ProbeSettings settings;
  settings.qemu = script(folder, "exec sleep 1000");
  settings.limit = std::chrono::milliseconds(200);
  EXPECT_THAT(boot_probe_sector(Accelerator::kvm, settings), HasSubstr("did not get through its checks"));
}

TEST(ProbeGuest, AnInternalErrorIsNotWaitedFor) {
  Folder folder;
  ProbeSettings settings;
  settings.qemu = script(
      folder,
      "echo 'qemu-system-x86_64: warning: nothing' >&2; echo 'KVM internal error. Suberror: 1' >&2; exec sleep 1000");
  settings.limit = std::chrono::hours(1);
  EXPECT_EQ(boot_probe_sector(Accelerator::kvm, settings),
            "the processor stopped in the middle of a guest with \"KVM internal error. Suberror: 1\"");
}

TEST(ProbeGuest, AWrongResultNamesTheCheck) {
  Folder folder;
  ProbeSettings settings;
  settings.qemu = script(folder, "exit 13");  // check 6
  EXPECT_EQ(boot_probe_sector(Accelerator::kvm, settings), "a test guest got a wrong result from SSE arithmetic");
}

TEST(ProbeGuest, ACrashQuotesTheComplaint) {
  Folder folder;
  ProbeSettings settings;
  settings.qemu =
      script(folder, "echo 'qemu-system-x86_64: error: failed to set MSR 0x10a to 0xc000069' >&2; kill -ABRT $$");
  EXPECT_EQ(boot_probe_sector(Accelerator::kvm, settings),
            "QEMU crashed with \"failed to set MSR 0x10a to 0xc000069\"");
}

TEST(ProbeGuest, SuccessIsOnlyTheRightByte) {
  Folder folder;
  ProbeSettings settings;
  settings.qemu = script(folder, "exit 85");
  EXPECT_EQ(boot_probe_sector(Accelerator::kvm, settings), "");
  settings.qemu = script(folder, "exit 0");
  EXPECT_EQ(boot_probe_sector(Accelerator::kvm, settings), "QEMU gave up");
  settings.qemu = "/nonexistent/qemu";
  EXPECT_THAT(boot_probe_sector(Accelerator::kvm, settings), HasSubstr("QEMU does not start"));
}

TEST(Accelerator, IsProvedOnceForEachRuntimeDirectory) {
  Folder folder;
  ProbeSettings settings;
  settings.kvm_device = "/nonexistent/first";
  auto const first = accelerator(folder.path, settings);
  settings.kvm_device = "/nonexistent/second";
  EXPECT_EQ(accelerator(folder.path, settings).reason, first.reason);
  std::ofstream(folder.path / "accelerator.json") << "{\"accelerator\": 7}";
  EXPECT_THAT(accelerator(folder.path, settings).reason, HasSubstr("second"));
}

// Whatever this machine is: the verdict must be kvm exactly when the guest passes there.
TEST(Probe, OnThisMachineTheVerdictIsWhatTheGuestDid) {
  ProbeSettings settings;
  auto const verdict = probe_accelerator(settings);
  RecordProperty("reason", verdict.reason);
  std::cout << verdict.reason << '\n';
  bool const device = std::filesystem::exists(settings.kvm_device);
  bool const passes = device && boot_probe_sector(Accelerator::kvm, settings).empty();
  EXPECT_EQ(verdict.accelerator, passes ? Accelerator::kvm : Accelerator::tcg);
  EXPECT_TRUE(verdict.reason.ends_with('.'));
}

}  // namespace
}  // namespace berth::host
