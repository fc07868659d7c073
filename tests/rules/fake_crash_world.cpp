#include "tests/rules/fake_crash_world.hpp"

#include <gtest/gtest.h>

#include <format>
#include <fstream>

#include "firmware/base/random.hpp"

namespace berth::crash {
namespace {

using contract::testing::Program;

class FakeCrashWorld final : public CrashWorld {
 public:
  FakeCrashWorld() {
    add_image(images(), "tiny-vm", "vm", "qcow2");
    add_image(images(), "tiny", "container", "oci-archive");
    EXPECT_TRUE(contract::testing::await_socket(socket(), engine_));
  }
  std::string socket() const override { return (folder_.path() / "engine.sock").string(); }
  std::string images() const override { return (folder_.path() / "images").string(); }
  std::string residue() override { return ""; }  // it has nothing but what it says

 private:
  contract::testing::TemporaryFolder folder_;
  Program engine_{{"berth-engine-fake", "--socket", socket()}};
};

}  // namespace

std::unique_ptr<CrashWorld> make_world() {
  return std::make_unique<FakeCrashWorld>();
}

bool tries(std::string_view) {
  return true;
}

void add_image(std::filesystem::path const& folder, std::string const& name, std::string const& kind,
               std::string const& format, std::string const& build) {
  auto const content = name + build;
  auto const place = folder / name;
  std::filesystem::create_directories(place);
  std::ofstream(place / "image.file") << content;
  std::ofstream(place / "image.json") << std::format(
      R"({{"name":"{0}","title":"{0}","kind":"{1}","file":"image.file","format":"{2}","sha256":"{3}","os":"x","version":"1",)"
      R"("login":"root","size_bytes":{4},"min_disk_bytes":67108864,"min_memory_bytes":16777216,"arch":"amd64"}})",
      name, kind, format, sha256_hex(content), content.size());
}

}  // namespace berth::crash
