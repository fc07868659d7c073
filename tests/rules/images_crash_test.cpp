// Threat 1 for imports: kill the panel at each journalled point of them. On the engine in memory only.
#include <gtest/gtest.h>

#include <algorithm>

#include "firmware/jobs/runner.hpp"
#include "tests/rules/fake_crash_world.hpp"

namespace berth::crash {
namespace {

class ImageCrash : public ::testing::TestWithParam<std::string> {};

TEST_P(ImageCrash, leaves_a_whole_image_or_none) {
  auto const& point = GetParam();
  auto const name = "extra-" + word_of(point, '-');
  auto const before = world().engine().images()->size();
  add_image(world().images(), name, "vm", "qcow2");
  crash_and_come_back({"--act", "images", "--subject", world().images()}, point);

  auto const store = world().store();
  auto const image = store->read([&](store::Snapshot& s) { return s.images.find(name); });
  ASSERT_TRUE(image);
  EXPECT_EQ(image->state, undoes(point) ? store::ImageState::failed : store::ImageState::ready);
  EXPECT_EQ(world().engine().images()->size(), undoes(point) ? before : before + 1);
  std::filesystem::remove_all(std::filesystem::path(world().images()) / name);
}

class RetiredImageCrash : public ::testing::TestWithParam<std::string> {};

TEST_P(RetiredImageCrash, leaves_the_newer_build_alone) {
  auto const name = "aged-" + word_of(GetParam(), '-');
  auto const before = world().engine().images()->size();
  for (auto const* build : {"first", "second"}) {
    add_image(world().images(), name, "vm", "qcow2", build);
    ASSERT_EQ(world().panel({"--act", "images", "--subject", world().images()}), 0);
  }
  ASSERT_EQ(world().engine().images()->size(), before + 2);
  crash_and_come_back({"--act", "retire"}, GetParam());
  EXPECT_EQ(world().engine().images()->size(), before + 1);
  auto const store = world().store();
  auto const image = store->read([&](store::Snapshot& s) { return s.images.find(name); });
  ASSERT_TRUE(image);
  EXPECT_EQ(image->state, store::ImageState::ready);
  std::filesystem::remove_all(std::filesystem::path(world().images()) / name);
}

std::vector<std::string> points(std::string_view type) {
  auto all = jobs::crash_points();
  std::erase_if(all, [&](auto const& point) { return !point.starts_with(type); });
  return all;
}

INSTANTIATE_TEST_SUITE_P(EveryPoint, ImageCrash, ::testing::ValuesIn(points("image.import")),
                         [](auto const& info) { return word_of(info.param, '_'); });
INSTANTIATE_TEST_SUITE_P(EveryPoint, RetiredImageCrash, ::testing::ValuesIn(points("image.remove")),
                         [](auto const& info) { return word_of(info.param, '_'); });

}  // namespace
}  // namespace berth::crash
