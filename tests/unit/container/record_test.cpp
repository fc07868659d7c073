#include "drivers/container/record.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <thread>

#include "tests/support/temporary_folder.hpp"

namespace berth::container {
namespace {

contract::GuestSpec spec(int number) {
  auto spec = *read_json<contract::GuestSpec>(
      R"({"guest":"00000000-0000-7000-8000-000000000001","kind":"container","image":"tiny","hostname":"x","vcpus":1,
    "memory_bytes":67108864,"disk_bytes":67108864,
    "nic":{"mac":"52:54:00:00:00:01","address":"10.77.0.11","prefix":24,"gateway":"10.77.0.1","dns":[],"peer_group":0},"seed":{"ssh_keys":[]}})");
  spec.guest = *contract::GuestId::parse("00000000-0000-7000-8000-" + std::to_string(100000000000 + number));
  return spec;
}

TEST(Records, AGuestKeepsItsRangeThroughNewDefinitions) {
  support::TemporaryFolder const folder;
  Records records(folder.path());
  auto const first = records.keep(spec(1));
  ASSERT_TRUE(first.has_value()) << describe(first.error());
  auto const second = records.keep(spec(2));
  auto changed = spec(1);
  changed.vcpus.value = 4;
  EXPECT_EQ(records.keep(changed)->range.value, first->range.value);
  EXPECT_NE(second->range.value, first->range.value);
  EXPECT_EQ(records.find(spec(1).guest)->spec.vcpus.value, 4);
  EXPECT_EQ(records.guests()->size(), 2U);
  // After a restart of the engine nobody gets a range that is taken.
  Records again(folder.path());
  EXPECT_EQ(std::set<std::int64_t>({first->range.value, second->range.value}).count(again.keep(spec(3))->range.value),
            0U);
}

TEST(Records, ForgottenOnesAreGone) {
  support::TemporaryFolder const folder;
  Records records(folder.path());
  ASSERT_TRUE(records.keep(spec(1)).has_value());
  EXPECT_TRUE(records.knows(spec(1).guest));
  ASSERT_TRUE(records.forget(spec(1).guest).has_value());
  EXPECT_TRUE(records.forget(spec(1).guest).has_value());
  EXPECT_FALSE(records.knows(spec(1).guest));
  EXPECT_EQ(records.find(spec(1).guest).error().code, ErrorCode::not_found);
  EXPECT_TRUE(std::filesystem::is_empty(folder.path() / "guests"));
}

TEST(Records, ManyAtOnceGetDifferentRanges) {
  support::TemporaryFolder const folder;
  Records records(folder.path());
  std::vector<std::jthread> threads;
  constexpr int count = 16;
  for (int i = 0; i < count; ++i) threads.emplace_back([&, i] { ASSERT_TRUE(records.keep(spec(i)).has_value()); });
  threads.clear();
  std::set<std::int64_t> ranges;
  for (int i = 0; i < count; ++i) ranges.insert(records.find(spec(i).guest)->range.value);
  EXPECT_EQ(ranges.size(), static_cast<std::size_t>(count));
  EXPECT_GE(*ranges.begin(), 1) << "range 0 is the sandbox's";
}

TEST(Records, ARecordThatDoesNotReadGivesNothingAway) {
  support::TemporaryFolder const folder;
  Records records(folder.path());
  ASSERT_TRUE(records.keep(spec(1)).has_value());
  std::ofstream(folder.path() / "guests" / spec(1).guest.str() / "container.json") << "{";
  EXPECT_EQ(records.find(spec(1).guest).error().code, ErrorCode::corrupt);
  EXPECT_FALSE(records.keep(spec(2)).has_value());
  EXPECT_TRUE(records.forget(spec(1).guest).has_value()) << "but it can be removed";
  EXPECT_TRUE(records.keep(spec(2)).has_value());
}

}  // namespace
}  // namespace berth::container
