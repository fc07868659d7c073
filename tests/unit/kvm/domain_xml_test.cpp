// What the domain says, read back with libxml2's XPath.
#include "drivers/kvm/domain_xml.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <libxml/xpath.h>

#include "drivers/kvm/xml_tree.hpp"
#include "tests/unit/kvm/example_spec.hpp"

namespace berth::kvm {
namespace {

class Reading {
 public:
  explicit Reading(std::string const& text)
      : document_(parse_xml(text).value()), context_(xmlXPathNewContext(document_.get()), xmlXPathFreeContext) {}

  // The string value of an XPath expression.
  std::string operator()(char const* path) const {
    std::unique_ptr<xmlXPathObject, decltype(&xmlXPathFreeObject)> const found(
        xmlXPathEvalExpression(reinterpret_cast<xmlChar const*>(path), context_.get()), xmlXPathFreeObject);
    std::unique_ptr<xmlChar, void (*)(void*)> const text(xmlXPathCastToString(found.get()),
                                                         [](void* p) { xmlFree(p); });
    return reinterpret_cast<char const*>(text.get());
  }
  double count(std::string const& path) const { return std::stod((*this)(("count(" + path + ")").c_str())); }

 private:
  XmlDocument document_;
  std::unique_ptr<xmlXPathContext, decltype(&xmlXPathFreeContext)> context_;
};

DomainPlan example_plan() {
  return {test::example_spec(), contract::Accelerator::tcg, "/state/guests/g/disk.qcow2",
          DiskCache::none,      "/state/guests/g/seed.iso", "/run/berth/guests/g/serial.sock"};
}

Reading read_plan(DomainPlan const& plan) {
  auto const xml = domain_xml(plan);
  EXPECT_TRUE(xml);
  return Reading(*xml);
}

TEST(DomainXml, NamesTheGuest) {
  auto const xml = read_plan(example_plan());
  EXPECT_EQ(xml("/domain/name"), "berth-0198f3c4-5a6b-7c8d-9e0f-112233445566");
  EXPECT_EQ(xml("/domain/uuid"), "0198f3c4-5a6b-7c8d-9e0f-112233445566");
  EXPECT_EQ(xml("/domain/memory"), "805306368");
  EXPECT_EQ(xml("/domain/memory/@unit"), "bytes");
  EXPECT_EQ(xml("/domain/vcpu"), "3");
}

TEST(DomainXml, TheAcceleratorDecidesTypeAndProcessor) {
  auto plan = example_plan();
  auto const tcg = read_plan(plan);
  EXPECT_EQ(tcg("/domain/@type"), "qemu");
  EXPECT_EQ(tcg("/domain/cpu/@mode"), "maximum");
  EXPECT_EQ(tcg.count("/domain/clock/timer"), 0);
  plan.accelerator = contract::Accelerator::kvm;
  auto const kvm = read_plan(plan);
  EXPECT_EQ(kvm("/domain/@type"), "kvm");
  EXPECT_EQ(kvm("/domain/cpu/@mode"), "host-passthrough");
  EXPECT_EQ(kvm("/domain/clock/timer[@name='hpet']/@present"), "no");
}

TEST(DomainXml, TheDiskPausesTheGuestWhenThePoolIsFull) {
  auto plan = example_plan();
  auto const xml = read_plan(plan);
  EXPECT_EQ(xml("//disk[@device='disk']/driver/@error_policy"), "enospace");
  EXPECT_EQ(xml("//disk[@device='disk']/driver/@discard"), "unmap");
  EXPECT_EQ(xml("//disk[@device='disk']/driver/@detect_zeroes"), "unmap");
  EXPECT_EQ(xml("//disk[@device='disk']/driver/@cache"), "none");
  EXPECT_EQ(xml("//disk[@device='disk']/source/@file"), "/state/guests/g/disk.qcow2");
  EXPECT_EQ(xml("//disk[@device='cdrom']/source/@file"), "/state/guests/g/seed.iso");
  EXPECT_EQ(xml.count("//disk[@device='cdrom']/readonly"), 1);
  plan.cache = DiskCache::writeback;
  EXPECT_EQ(read_plan(plan)("//disk[@device='disk']/driver/@cache"), "writeback");
}

TEST(DomainXml, TheInterfaceIsKnownByItsNameWhateverThePeerGroup) {
  auto plan = example_plan();
  auto const alone = read_plan(plan);
  EXPECT_EQ(alone("//interface/source/@bridge"), "berth0");
  EXPECT_EQ(alone("//interface/target/@dev"), "bt112233445566");
  EXPECT_EQ(alone("//interface/mac/@address"), "52:54:00:12:34:56");
  EXPECT_EQ(alone("//interface/model/@type"), "virtio");
  // An isolated port could make no exceptions, and the group may change while the guest runs.
  EXPECT_EQ(alone.count("//interface/port"), 0);
  plan.spec.nic.peer_group.value = 7;
  EXPECT_EQ(read_plan(plan).count("//interface/port"), 0);
}

TEST(DomainXml, NothingListensOnANetwork) {
  auto const xml = read_plan(example_plan());
  EXPECT_EQ(xml.count("//graphics"), 1);
  EXPECT_EQ(xml.count("//graphics/listen[@type='none']"), 1);
  EXPECT_EQ(xml.count("//*[@type='tcp' or @type='udp' or @type='address' or @type='network' or @autoport]"), 0);
  EXPECT_EQ(xml("//serial/@type"), "unix");
  EXPECT_EQ(xml("//serial/source/@mode"), "bind");
  EXPECT_EQ(xml("//serial/source/@path"), "/run/berth/guests/g/serial.sock");
  EXPECT_EQ(xml.count("//serial/log"), 0);
  EXPECT_EQ(xml("//channel/target/@name"), "org.qemu.guest_agent.0");
  EXPECT_EQ(xml.count("//sound"), 0);
}

TEST(DomainXml, TheMetadataCarriesTheWish) {
  auto const plan = example_plan();
  auto const xml = domain_xml(plan);
  ASSERT_TRUE(xml);
  auto const document = parse_xml(*xml).value();
  auto const guest = root_of(document).child("metadata").child("guest");
  ASSERT_TRUE(guest);
  EXPECT_EQ(reinterpret_cast<char const*>(guest.node()->ns->href), std::string(metadata_namespace));
  EXPECT_EQ(guest.get("image"), "debian-13");
  EXPECT_EQ(guest.get("wish"), wish_digest(plan.spec));
  // As libvirt returns it.
  auto const digest = digest_in_metadata("<berth:guest xmlns:berth=\"urn:berth:guest:1\" wish=\"abc\"/>");
  ASSERT_TRUE(digest);
  EXPECT_EQ(*digest, "abc");
  EXPECT_FALSE(digest_in_metadata("<berth:guest"));
}

TEST(DomainXml, EveryPartOfTheWishChangesItsDigest) {
  auto const spec = test::example_spec();
  auto other = spec;
  EXPECT_EQ(wish_digest(other), wish_digest(spec));
  other.memory_bytes.value += 1;
  EXPECT_NE(wish_digest(other), wish_digest(spec));
  other = spec;
  other.seed.password_crypt = *Text<3, 256>::parse("$6$salt$hash");
  EXPECT_NE(wish_digest(other), wish_digest(spec));
  other = spec;
  other.nic.address = *contract::Ipv4::parse("192.0.2.6");
  EXPECT_NE(wish_digest(other), wish_digest(spec));
}

TEST(DomainXml, MarkupInAPathStaysText) {
  auto plan = example_plan();
  plan.disk = "/state/<evil a='1'>&amp;\"]]>/disk.qcow2";
  auto const text = domain_xml(plan);
  ASSERT_TRUE(text);
  Reading const xml(*text);
  EXPECT_EQ(xml("//disk[@device='disk']/source/@file"), plan.disk.native());
  EXPECT_EQ(xml.count("//evil"), 0);
}

TEST(XmlTree, TakesNothingFromOutsideTheDocument) {
  EXPECT_FALSE(parse_xml("<a>"));
  auto const document = parse_xml("<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/hostname'>]><a>&x;</a>");
  EXPECT_EQ(document ? root_of(*document).text() : "", "");
}

}  // namespace
}  // namespace berth::kvm
