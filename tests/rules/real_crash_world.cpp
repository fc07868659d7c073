// A crash test's world on berth-engine with libvirt, crun and nftables.
#include <cstdlib>

#include "firmware/base/process.hpp"
#include "tests/contract/real_world.hpp"
#include "tests/rules/crash_world.hpp"

namespace berth::crash {
namespace {

// Looked at by path where the namespaces of this test hold nothing of others, by guest's id where the machine is shared
// (contract::testing::traces_of).
constexpr char search[] = R"(
  find "$1/guests" "$1/work" "$1/network" "$2" /etc/libvirt/qemu /run/libvirt/qemu /var/lib/libvirt/qemu \
    /run/netns -mindepth 1 2>/dev/null | sort
  cut -d ' ' -f 5 /proc/self/mountinfo | sort
  losetup -ln -O BACK-FILE | grep -F "$1"
  ip -o link | cut -d : -f 2
  nft -s list ruleset
  stat -c '%n %u %g %a' /dev/null
  virsh -q list --all --name
  for process in /proc/[0-9]*; do
    read -r name < $process/comm && case $name in qemu*|conmon|crun*|berth-sandbox|mke2fs|mkfs*) echo $name ;; esac
  done 2>/dev/null
  true
)";

class RealCrashWorld final : public CrashWorld {
 public:
  RealCrashWorld() {
    auto const* elsewhere = std::getenv("BERTH_IMAGES");
    for (auto const* name : {"tiny-vm", "tiny"}) {
      auto const from = std::filesystem::path(elsewhere != nullptr ? elsewhere : "/cache/images") / name;
      std::filesystem::copy(from, images_.path() / name);
    }
  }
  std::string socket() const override { return contract::testing::world().socket(); }
  std::string images() const override { return images_.path().string(); }
  std::string residue() override {
    auto& machine = contract::testing::world();
    return run_checked({"sh", "-c", search, "sh", machine.state().string(), machine.runtime().string()})
        .value_or("the search failed");
  }

 private:
  contract::testing::TemporaryFolder images_;
};

}  // namespace

std::unique_ptr<CrashWorld> make_world() {
  return std::make_unique<RealCrashWorld>();
}

// The other jobs are made of the same steps; the engine in memory tries them all.
bool tries(std::string_view job_type) {
  return job_type == "server.create" || job_type == "server.delete";
}

}  // namespace berth::crash
