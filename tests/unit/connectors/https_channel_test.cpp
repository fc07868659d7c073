// What an update channel may say, and where none can be. Over the network: tests/api/machine.test.ts.
#include "firmware/connectors/https_channel.hpp"

#include <arpa/inet.h>
#include <gtest/gtest.h>

#include <array>

namespace berth::connectors {
namespace {

std::string bytes_of(char const* text) {
  std::array<char, 16> bytes{};
  if (inet_pton(AF_INET, text, bytes.data()) == 1) return {bytes.data(), 4};
  EXPECT_EQ(inet_pton(AF_INET6, text, bytes.data()), 1) << text;
  return {bytes.data(), 16};
}

TEST(Addresses, of_the_machine_itself_and_of_nobody_are_no_channels) {
  for (auto const* text :
       {"127.0.0.1", "127.9.9.9", "0.0.0.0", "0.1.2.3", "169.254.169.254", "224.0.0.1", "255.255.255.255", "::1",
        "::", "fe80::1", "febf::1", "ff02::1", "::ffff:127.0.0.1", "::ffff:169.254.169.254"})
    EXPECT_TRUE(is_forbidden_address(bytes_of(text), false)) << text;
  for (auto const* text : {"192.0.2.1", "10.0.0.1", "192.168.1.1", "2001:db8::1", "fd00::1", "::ffff:192.0.2.1"})
    EXPECT_FALSE(is_forbidden_address(bytes_of(text), false)) << text;
  EXPECT_FALSE(is_forbidden_address(bytes_of("127.0.0.1"), true));
  EXPECT_FALSE(is_forbidden_address(bytes_of("::1"), true));
  EXPECT_TRUE(is_forbidden_address(bytes_of("169.254.169.254"), true));
  EXPECT_TRUE(is_forbidden_address("", false));
}

TEST(Offers, are_read_only_when_they_are_whole_and_name_a_file_beside_them) {
  std::string const sum(64, 'a');
  auto const said = [&](std::string const& version, std::string const& file, std::string const& digest,
                        std::string const& size, std::string const& more = "") {
    return read_offer(R"({"version":")" + version + R"(","file":")" + file + R"(","sha256":")" + digest +
                      R"(","size_bytes":)" + size + more + "}");
  };
  auto const good = said("2.0.0", "berth-2.0.0.raucb", sum, "1000", R"(,"notes":"more")");
  ASSERT_TRUE(good);
  EXPECT_EQ(good->version, "2.0.0");
  EXPECT_EQ(good->size_bytes, 1000u);
  for (auto const* file : {"../x", "a/b", "https://x/y", ".hidden", "", "a b", "a?b", "a#b", "a\\nb"})
    EXPECT_FALSE(said("2.0.0", file, sum, "1000")) << file;
  EXPECT_FALSE(said("2.0.0", "x", std::string(64, 'A'), "1000"));
  EXPECT_FALSE(said("2.0.0", "x", "aa", "1000"));
  for (auto const* size : {"0", "-1", "1073741825", "1e3", "\"1\"", "null"})
    EXPECT_FALSE(said("2.0.0", "x", sum, size)) << size;
  for (auto const* text : {"", "{}", "[]", "null", "{\"version\":1}"}) EXPECT_FALSE(read_offer(text)) << text;
}

}  // namespace
}  // namespace berth::connectors
