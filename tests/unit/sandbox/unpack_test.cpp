// Images honest and hostile, unpacked in this process: what the sandbox's child does once it is confined.
#include "drivers/sandbox/inside/unpack.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <clocale>
#include <fstream>

#include "tests/support/oci_image.hpp"
#include "tests/support/temporary_folder.hpp"

namespace berth::sandbox {
namespace {

namespace fs = std::filesystem;
using support::OciImage;
using support::TarWriter;

constexpr Budget plenty{std::uint64_t{1} << 30, 100'000};

class UnpackTest : public testing::Test {
 protected:
  Result<Unpacked> unpack(std::string const& archive, Budget const& allowed = plenty) {
    fs::remove_all(tree());
    fs::create_directory(tree());
    auto const file = support::file_with(archive);
    Descriptor const root(::open(tree().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    return unpack_image(file.get(), root.get(), allowed);
  }
  Result<Unpacked> unpack_layers(std::vector<std::string> tars, Budget const& allowed = plenty) {
    OciImage image;
    for (auto& tar : tars) image.layers.push_back({std::move(tar)});
    return unpack(image.archive(), allowed);
  }
  void expect_refused(TarWriter& layer, std::string const& reason) {
    auto const result = unpack_layers({layer.bytes()});
    ASSERT_FALSE(result.has_value());
    EXPECT_EQ(result.error().code, ErrorCode::invalid_argument) << describe(result.error());
    EXPECT_NE(result.error().message.find(reason), std::string::npos) << result.error().message;
    EXPECT_TRUE(fs::is_empty(outside())) << "something was written outside of the tree";
  }

  fs::path tree() const { return folder_.path() / "tree"; }
  fs::path outside() const { return folder_.path() / "outside"; }
  std::string read(std::string const& name) const {
    std::ifstream in(tree() / name);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  struct stat look(std::string const& name) const {
    struct stat facts{};
    EXPECT_EQ(::lstat((tree() / name).c_str(), &facts), 0) << name;
    return facts;
  }
  bool has(std::string const& name) const { return fs::exists(fs::symlink_status(tree() / name)); }
  void SetUp() override {
    std::setlocale(LC_CTYPE, "C.UTF-8");  // as the program does: names in tar headers are UTF-8
    fs::create_directory(outside());
  }

  support::TemporaryFolder folder_;
};

TEST_F(UnpackTest, KeepsContentModeOwnerAndTime) {
  TarWriter layer;
  layer.directory("home/user", 0750, {1000, 1001})
      .file("home/user/a", "hello", 04711, {1000, 1001})
      .symlink("home/user/l", "/etc/passwd")
      .hardlink("home/b", "home/user/a");
  auto const image = unpack_layers({layer.bytes()});
  ASSERT_TRUE(image.has_value()) << describe(image.error());
  EXPECT_EQ(read("home/user/a"), "hello");
  EXPECT_EQ(look("home/user/a").st_mode & 07777U, 04711U);
  EXPECT_EQ(look("home/user/a").st_uid, 1000U);
  EXPECT_EQ(look("home/user/a").st_gid, 1001U);
  EXPECT_EQ(look("home/user").st_mode & 07777U, 0750U);
  EXPECT_EQ(look("home/b").st_ino, look("home/user/a").st_ino);
  EXPECT_EQ(fs::read_symlink(tree() / "home/user/l"), "/etc/passwd");
  EXPECT_EQ(image->bytes, 5U);
  EXPECT_EQ(image->entries, 4U);
}

TEST_F(UnpackTest, AppliesWhiteoutsAndReplacements) {
  TarWriter lower;
  lower.file("etc/gone", "1")
      .file("etc/stays", "2")
      .directory("var/cache")
      .file("var/cache/old", "3")
      .file("turns/into/directory", "4")
      .directory("turned/away")
      .file("turned/away/x", "5");
  TarWriter upper;
  upper.file("etc/.wh.gone", "")
      .file("var/cache/new", "6")
      .file("var/cache/.wh..wh..opq", "")
      .file("turned", "now a file")
      .file("etc/stays", "changed");
  TarWriter third;
  third.file(".wh.turns", "").file("var/cache/.wh.never-there", "");
  ASSERT_TRUE(unpack_layers({lower.bytes(), upper.bytes(), third.bytes()}).has_value());
  EXPECT_FALSE(has("etc/gone"));
  EXPECT_FALSE(has("etc/.wh.gone"));
  EXPECT_EQ(read("etc/stays"), "changed");
  EXPECT_FALSE(has("var/cache/old"));
  EXPECT_EQ(read("var/cache/new"), "6");  // came before the opaque marker, in the same layer
  EXPECT_FALSE(has("var/cache/.wh..wh..opq"));
  EXPECT_EQ(read("turned"), "now a file");
  EXPECT_FALSE(has("turns"));
}

TEST_F(UnpackTest, AWhiteoutSparesItsOwnLayer) {
  TarWriter lower;
  lower.file("a/x", "old");
  TarWriter upper;
  upper.file("a/x", "new").file("a/.wh.x", "");
  ASSERT_TRUE(unpack_layers({lower.bytes(), upper.bytes()}).has_value());
  EXPECT_EQ(read("a/x"), "new");
}

TEST_F(UnpackTest, ReadsEveryUsualForm) {
  TarWriter layer;
  layer.file("x", "1");
  OciImage image;
  image.config = {{"Cmd", json::array{"/x"}}};
  for (auto const filter : {TarWriter::Filter::none, TarWriter::Filter::gzip, TarWriter::Filter::zstd}) {
    image.layers = {{"", filter}};
    TarWriter fresh;
    fresh.file("x", "1").file("umlaut-\xc3\xa4", "2");
    image.layers[0].tar = fresh.bytes();
    auto const result = unpack(image.archive());
    ASSERT_TRUE(result.has_value()) << describe(result.error());
    EXPECT_EQ(read("x"), "1");
    EXPECT_EQ(read("umlaut-\xc3\xa4"), "2");
    EXPECT_EQ(result->config.at("config").at("Cmd").at(0), "/x");
  }
  image.nested_index = true;
  EXPECT_TRUE(unpack(image.archive()).has_value());
  EXPECT_TRUE(unpack(support::compressed(image.archive(), TarWriter::Filter::gzip)).has_value());
  EXPECT_TRUE(unpack(image.docker_archive()).has_value());
  EXPECT_EQ(read("x"), "1");
  image.layers = {{TarWriter().bytes()}};
  EXPECT_TRUE(unpack(image.archive()).has_value()) << "a layer without entries";
}

TEST_F(UnpackTest, NoticesWhatWasChanged) {
  TarWriter layer;
  layer.file("x", "1");
  OciImage const honest{{{layer.bytes()}}, {}};
  auto corrupt = [&](auto change) {
    OciImage image = honest;
    change(image);
    auto const result = unpack(image.archive());
    return !result.has_value() && result.error().code == ErrorCode::corrupt;
  };
  EXPECT_TRUE(unpack(honest.archive()).has_value());
  EXPECT_TRUE(corrupt([](OciImage& i) { i.wrong_diff_id = true; }));
  EXPECT_TRUE(corrupt([](OciImage& i) { i.wrong_layer_byte = true; }));
  EXPECT_TRUE(corrupt([](OciImage& i) { i.drop_layer = true; }));
  EXPECT_TRUE(corrupt([](OciImage& i) { i.architecture = "riscv64"; }));
  auto flipped = honest.archive();
  flipped[flipped.find("\"rootfs\"") + 2] = 'X';
  EXPECT_FALSE(unpack(flipped).has_value());
  EXPECT_FALSE(unpack(honest.archive().substr(0, 3000)).has_value());
  EXPECT_FALSE(unpack("not an archive at all").has_value());
  EXPECT_FALSE(unpack("").has_value());
}

TEST_F(UnpackTest, RefusesNamesThatLeadOut) {
  expect_refused(TarWriter().file("../outside/x", "1"), "upwards");
  expect_refused(TarWriter().file("a/../../outside/x", "1"), "upwards");
  expect_refused(TarWriter().file((outside() / "x").string(), "1"), "absolute");
  expect_refused(TarWriter().file(std::string("a/") + std::string(300, 'x'), "1"), "too long");
  std::string deep;
  for (int i = 0; i < 200; ++i) deep += "d/";
  expect_refused(TarWriter().file(deep + "x", "1"), "too deep");
}

TEST_F(UnpackTest, RefusesToGoThroughLinks) {
  expect_refused(TarWriter().symlink("way", outside().string()).file("way/x", "1"), "symbolic link");
  expect_refused(TarWriter().symlink("way", "..").directory("way/outside/y"), "symbolic link");
  expect_refused(TarWriter().symlink("way", "/").hardlink("x", "way/etc/passwd"), "symbolic link");
  expect_refused(TarWriter().hardlink("x", "../outside/y"), "upwards");
  expect_refused(TarWriter().hardlink("x", "/etc/passwd"), "absolute");
  expect_refused(TarWriter().hardlink("x", "nowhere"), "not there");
  expect_refused(TarWriter().file("plain", "1").file("plain/x", "2"), "through a file");
  // A link that is swapped for a directory between two layers, and back.
  TarWriter first;
  first.directory("d");
  TarWriter second;
  second.symlink("d", outside().string());
  TarWriter third;
  third.file("d/x", "1");
  EXPECT_FALSE(unpack_layers({first.bytes(), second.bytes(), third.bytes()}).has_value());
  EXPECT_TRUE(fs::is_empty(outside()));
}

TEST_F(UnpackTest, AFileOverALinkReplacesTheLink) {
  std::ofstream(outside() / "target") << "untouched";
  TarWriter layer;
  layer.symlink("x", (outside() / "target").string()).file("x", "mine");
  ASSERT_TRUE(unpack_layers({layer.bytes()}).has_value());
  EXPECT_EQ(read("x"), "mine");
  EXPECT_TRUE(fs::is_regular_file(fs::symlink_status(tree() / "x")));
  std::ifstream in(outside() / "target");
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(in), {}), "untouched");
}

TEST_F(UnpackTest, WhiteoutsStayInside) {
  std::ofstream(outside() / "kept") << "1";
  TarWriter layer;
  layer.symlink("way", outside().string()).file("way/.wh.kept", "");
  EXPECT_FALSE(unpack_layers({layer.bytes()}).has_value());
  TarWriter second;
  second.symlink("way", outside().string()).file("way/.wh..wh..opq", "");
  EXPECT_FALSE(unpack_layers({second.bytes()}).has_value());
  EXPECT_TRUE(fs::exists(outside() / "kept"));
  fs::remove(outside() / "kept");
  expect_refused(TarWriter().file("a/.wh...", ""), "whiteout");
  expect_refused(TarWriter().file(".wh.", ""), "whiteout");
}

TEST_F(UnpackTest, RefusesDevicesAndForeignIds) {
  expect_refused(TarWriter().device("etc/null"), "neither");
  expect_refused(TarWriter().file("x", "1", 0644, {65536, 0}), "65535");
  expect_refused(TarWriter().file("x", "1", 0644, {0, 4294967295}), "65535");
  TarWriter usual;
  usual.directory("dev").device("dev/null");
  ASSERT_TRUE(unpack_layers({usual.bytes()}).has_value());
  EXPECT_FALSE(has("dev/null"));
}

TEST_F(UnpackTest, StopsAtItsBudget) {
  TarWriter large;
  large.file("x", std::string(100'000, 'x'));
  auto const big = unpack_layers({large.bytes()}, {50'000, 100});
  ASSERT_FALSE(big.has_value());
  EXPECT_EQ(big.error().code, ErrorCode::too_large);
  TarWriter many;
  for (int i = 0; i < 200; ++i) many.file("f" + std::to_string(i), "");
  auto const count = unpack_layers({many.bytes()}, {50'000, 100});
  ASSERT_FALSE(count.has_value());
  EXPECT_EQ(count.error().code, ErrorCode::too_large);
}

TEST_F(UnpackTest, StopsAtAnAbsurdRatio) {
  TarWriter bomb;
  bomb.file("a", std::string(std::size_t{100} << 20, '\0'));
  auto const result = unpack_layers({bomb.bytes()});
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error().code, ErrorCode::too_large);
  EXPECT_NE(result.error().message.find("absurd"), std::string::npos);
}

TEST(CleanPath, Table) {
  EXPECT_EQ(join(*clean_path("./a//b/./c/")), "a/b/c");
  EXPECT_TRUE(clean_path("./")->empty());
  for (auto const* bad : {"", "/", "/a", "..", "a/..", "a/../b", "../a"})
    EXPECT_FALSE(clean_path(bad).has_value()) << bad;
  EXPECT_FALSE(clean_path(std::string_view("a\0b", 3)).has_value());
}

}  // namespace
}  // namespace berth::sandbox
