#include "drivers/host/host_facts.hpp"

#include <gtest/gtest.h>
#include <sys/statvfs.h>

#include <fstream>

namespace berth::host {
namespace {

class HostFactsTest : public testing::Test {
 protected:
  HostFactsTest() {
    std::string name = testing::TempDir() + "berth-facts-XXXXXX";
    root = mkdtemp(name.data());
    directories = {root / "state", root / "runtime"};
    std::filesystem::create_directories(directories.state);
    std::filesystem::create_directories(directories.runtime);
  }
  ~HostFactsTest() override { std::filesystem::remove_all(root); }

  std::filesystem::path root;
  contract::Directories directories;
  AcceleratorVerdict verdict{contract::Accelerator::tcg, "Guests run in software because a test says so."};
};

TEST_F(HostFactsTest, AreThisMachines) {
  auto facts = read_host_facts(directories, verdict);
  ASSERT_TRUE(facts) << describe(facts.error());
  EXPECT_FALSE(facts->hostname.empty());
  EXPECT_TRUE(facts->kernel.starts_with("Linux "));
  EXPECT_GE(facts->cpus, 1U);
  EXPECT_GT(facts->memory_bytes, 64 * mib);
  EXPECT_GT(facts->memory_free_bytes, 0U);
  EXPECT_LE(facts->memory_free_bytes, facts->memory_bytes);
  struct statvfs storage{};
  ASSERT_EQ(statvfs(directories.state.c_str(), &storage), 0);
  EXPECT_EQ(facts->storage_bytes, std::uint64_t{storage.f_blocks} * storage.f_frsize);
  EXPECT_LE(facts->storage_free_bytes, facts->storage_bytes);
  EXPECT_EQ(facts->accelerator, contract::Accelerator::tcg);
  EXPECT_EQ(facts->accelerator_reason, verdict.reason);
}

TEST_F(HostFactsTest, LeaveNoFileBehind) {
  ASSERT_TRUE(read_host_facts(directories, verdict));
  EXPECT_TRUE(std::filesystem::is_empty(directories.state));
  EXPECT_TRUE(std::filesystem::is_empty(directories.runtime));
}

TEST_F(HostFactsTest, AMissingStateDirectoryIsAnError) {
  std::filesystem::remove_all(directories.state);
  auto facts = read_host_facts(directories, verdict);
  ASSERT_FALSE(facts);
  EXPECT_EQ(facts.error().code, ErrorCode::not_found);
}

TEST_F(HostFactsTest, ReflinkIsFalseOnTmpfs) {
  auto works = reflink_works("/dev/shm");
  ASSERT_TRUE(works) << describe(works.error());
  EXPECT_FALSE(*works);
}

}  // namespace
}  // namespace berth::host
