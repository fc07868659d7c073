// The rules that a type's bounds cannot say.
#include "drivers/contract/checks.hpp"

#include <gtest/gtest.h>

namespace berth::contract {
namespace {

std::string pointers(Result<void> const& result) {
  std::string all;
  if (!result)
    for (auto const& field : result.error().fields) all += field.pointer + " ";
  return all;
}

TEST(Ipv4Text, IsFourPlainDecimalParts) {
  EXPECT_EQ(parse_ipv4("10.0.0.1"), 0x0a000001U);
  EXPECT_EQ(parse_ipv4("255.255.255.255"), 0xffffffffU);
  EXPECT_EQ(parse_ipv4("0.0.0.0"), 0U);
  for (auto const* bad :
       {"", "1", "1.2.3", "1.2.3.4.5", "1.2.3.256", "01.2.3.4", "1.2.3.4 ", " 1.2.3.4", "1..2.3", "1.2.3.", ".1.2.3",
        "0x1.2.3.4", "-1.2.3.4", "1.2.3.+4", "1111.2.3.4", "1.2.3.4\n", "::1", "127.1"})
    EXPECT_FALSE(parse_ipv4(bad)) << bad;
}

TEST(Names, HaveOneForm) {
  EXPECT_TRUE(is_guest_id("0190f3c4-0000-7000-8000-0123456789ab"));
  for (auto const* bad : {"0190F3C4-0000-7000-8000-0123456789ab", "0190f3c4000070008000-0123456789ab----",
                          "../../../../../../../../../etc/passwd", "0190f3c4-0000-7000-8000-0123456789a/"})
    EXPECT_FALSE(is_guest_id(bad)) << bad;
  for (auto const* good : {"a", "0190f3c4-0000", "debian-13.2"}) EXPECT_TRUE(is_image_name(good)) << good;
  for (auto const* bad : {"", ".", "..", "a..b", "-a", ".a", "a/b", "A", "a b", "a\n"})
    EXPECT_FALSE(is_image_name(bad)) << bad;
  for (auto const* good : {"a", "web-1", "1"}) EXPECT_TRUE(is_hostname(good)) << good;
  for (auto const* bad : {"", "-a", "a-", "a.b", "A", "a_b", "\xc3\xa4"}) EXPECT_FALSE(is_hostname(bad)) << bad;
  EXPECT_TRUE(is_mac("52:54:00:12:34:56"));
  for (auto const* bad :
       {"53:54:00:12:34:56", "50:54:00:12:34:56", "52-54-00-12-34-56", "52:54:00:12:34:5G", "52:54:00:12:34"})
    EXPECT_FALSE(is_mac(bad)) << bad;
}

TEST(Checks, NameEveryBadFieldAtOnce) {
  GuestSpec spec;  // all of it empty
  EXPECT_EQ(pointers(check(spec)), "/guest /image /hostname /nic/mac /nic/address /nic/gateway ");
  EXPECT_EQ(pointers(check(NicSpec{})), "/nic/mac /nic/address /nic/gateway ");
  EXPECT_EQ(pointers(check(ImportImage{})), "/image /sha256 ");
  EXPECT_EQ(pointers(check(CreateDisk{})), "/guest /image ");
  EXPECT_EQ(pointers(check(StopGuest{})), "/guest ");
  EXPECT_EQ(pointers(check(NetworkSpec{})), "/gateway ");
  EXPECT_EQ(pointers(check(GuestId{})), "/guest ");
  EXPECT_EQ(pointers(check_image_name(ImageName{})), "/image ");
}

TEST(Checks, AddressesFitTheirNetwork) {
  NicSpec nic;
  nic.mac = MacAddress::parse("52:54:00:12:34:56").value();
  nic.prefix = {30};
  auto const with = [&](char const* address, char const* gateway) {
    nic.address = Ipv4::parse(address).value();
    nic.gateway = Ipv4::parse(gateway).value();
    return pointers(check(nic));
  };
  EXPECT_EQ(with("10.0.0.2", "10.0.0.1"), "");
  EXPECT_EQ(with("10.0.0.3", "10.0.0.1"), "/nic/address ") << "broadcast";
  EXPECT_EQ(with("10.0.0.0", "10.0.0.1"), "/nic/address ") << "the network's own";
  EXPECT_EQ(with("10.0.0.2", "10.0.0.5"), "/nic/gateway ") << "another network";
  EXPECT_EQ(with("10.0.0.1", "10.0.0.1"), "/nic/address ") << "the gateway's";
  EXPECT_EQ(with("127.0.0.2", "127.0.0.1"), "/nic/address /nic/gateway ");
  EXPECT_EQ(with("240.0.0.2", "240.0.0.1"), "/nic/address /nic/gateway ");
}

}  // namespace
}  // namespace berth::contract
