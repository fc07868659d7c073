#include "firmware/services/images/image_catalog.hpp"

#include <gtest/gtest.h>

#include <fstream>

#include "tests/support/panel.hpp"

namespace berth::images {
namespace {

class Catalog : public ::testing::Test {
 protected:
  support::Panel panel;
  std::filesystem::path folder = panel.world.folder() / "starter";

  void describe_image(std::string const& name, std::string const& content, std::string const& more = "") {
    std::filesystem::create_directories(folder / name);
    std::ofstream(folder / name / "image.qcow2") << content;
    std::ofstream(folder / name / "image.json")
        << R"({"name":")" << name
        << R"(","title":"T","kind":"vm","file":"image.qcow2","format":"qcow2","os":"x","version":"1","login":"root",)"
        << R"("size_bytes":5,"min_disk_bytes":1,"min_memory_bytes":1,"arch":"amd64")" << more << R"(,"sha256":")"
        << sha256_hex(content) << R"("})";
  }
  int registered() {
    auto call = panel.call();
    return register_starter_images(call, *access::grant_system(call, access::Permission::image_manage), folder)
        .value_or(-1);
  }
  Result<store::Image> image(std::string const& name) {
    return panel.world.store().read([&](store::Snapshot& s) { return s.images.find(name); });
  }
};

TEST_F(Catalog, new_images_are_imported_once) {
  panel.start();
  describe_image("extra", "first build");
  EXPECT_EQ(registered(), 1);
  EXPECT_EQ(registered(), 0);
  EXPECT_TRUE(support::eventually([&] { return image("extra")->state == store::ImageState::ready; }));
  EXPECT_EQ(panel.count_events("image.ready"), 1);
}

TEST_F(Catalog, a_newer_build_takes_the_name_and_the_old_one_stays_for_its_servers) {
  panel.start();
  describe_image("extra", "first build");
  registered();
  auto const first = image("extra");
  describe_image("extra", "second build");
  EXPECT_EQ(registered(), 1);
  auto const second = image("extra");
  EXPECT_NE(first->id, second->id);
  EXPECT_EQ(image(first->id.str())->id, first->id);
  EXPECT_TRUE(support::eventually([&] { return image("extra")->state == store::ImageState::ready; }));
}

TEST_F(Catalog, a_file_that_differs_from_its_description_fails_and_is_tried_again_when_mended) {
  panel.start();
  describe_image("extra", "first build");
  std::ofstream(folder / "extra" / "image.qcow2") << "something else";
  registered();
  EXPECT_TRUE(support::eventually([&] { return image("extra")->state == store::ImageState::failed; }));
  EXPECT_FALSE(image("extra")->state_reason.empty());
  describe_image("extra", "first build");
  EXPECT_EQ(registered(), 1);
  EXPECT_TRUE(support::eventually([&] { return image("extra")->state == store::ImageState::ready; }));
}

TEST_F(Catalog, descriptions_that_lead_elsewhere_or_lie_are_skipped) {
  describe_image("good", "x");
  auto broken = [&](std::string const& name, std::string const& text) {
    std::filesystem::create_directories(folder / name);
    std::ofstream(folder / name / "image.json") << text;
  };
  auto text = [](std::string name, std::string file, std::string kind, std::string format) {
    return R"({"name":")" + name + R"(","title":"T","kind":")" + kind + R"(","file":")" + file + R"(","format":")" +
           format +
           R"(","os":"x","version":"1","login":"root","size_bytes":5,"min_disk_bytes":1,"min_memory_bytes":1,"sha256":")" +
           std::string(64, 'a') + "\"}";
  };
  broken("a", text("a", "../../etc/shadow", "vm", "qcow2"));
  broken("b", text("../b", "f", "vm", "qcow2"));
  broken("c", text("c", "f", "vm", "oci-archive"));
  broken("d", "{");
  broken("e", std::string(100'000, ' '));
  EXPECT_EQ(registered(), 1);
}

TEST_F(Catalog, a_folder_that_is_not_there_registers_nothing) {
  EXPECT_EQ(registered(), 0);
}

}  // namespace
}  // namespace berth::images
