// The seed, read back from the ISO9660 disk with libarchive and from its documents with other readers than the writers.
#include "drivers/kvm/seed.hpp"

#include <archive.h>
#include <archive_entry.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sodium.h>
#include <sys/stat.h>

#include <fstream>
#include <map>

#include "tests/unit/kvm/example_spec.hpp"

namespace berth::kvm {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Key;

class SeedTest : public testing::Test {
 protected:
  SeedTest() {
    std::string name = testing::TempDir() + "berth-seed-XXXXXX";
    folder = mkdtemp(name.data());
    file = folder / "seed.iso";
  }
  ~SeedTest() override { std::filesystem::remove_all(folder); }
  std::filesystem::path folder;
  std::filesystem::path file;
};

std::map<std::string, std::string> read_iso(std::filesystem::path const& file) {
  std::map<std::string, std::string> files;
  std::unique_ptr<archive, decltype(&archive_read_free)> const reader(archive_read_new(), archive_read_free);
  archive_read_support_format_iso9660(reader.get());
  EXPECT_EQ(archive_read_open_filename(reader.get(), file.c_str(), 10240), ARCHIVE_OK);
  archive_entry* entry = nullptr;
  while (archive_read_next_header(reader.get(), &entry) == ARCHIVE_OK) {
    if (archive_entry_filetype(entry) != AE_IFREG) continue;
    std::string text(static_cast<std::size_t>(archive_entry_size(entry)), '\0');
    EXPECT_EQ(archive_read_data(reader.get(), text.data(), text.size()), static_cast<la_ssize_t>(text.size()));
    files[archive_entry_pathname(entry)] = text;
  }
  return files;
}

// The volume identifier of the primary descriptor (ECMA-119, 8.4.6).
std::string volume_label(std::filesystem::path const& file) {
  std::ifstream in(file, std::ios::binary);
  in.seekg(16 * 2048 + 40);
  std::string label(32, ' ');
  in.read(label.data(), 32);
  label.erase(label.find_last_not_of(' ') + 1);
  return label;
}

json::object cloud_config(std::string_view text) {
  EXPECT_TRUE(text.starts_with("#cloud-config\n"));
  return json::parse(text.substr(text.find('\n') + 1)).as_object();
}

// One base64 part of a multipart, by its Content-Type.
std::string part_of(std::string const& message, std::string const& type) {
  auto const at = message.find("Content-Type: " + type);
  if (at == std::string::npos) return "no such part";
  auto const body = message.find("\n\n", at) + 2;
  auto const encoded = message.substr(body, message.find("\n--", body) - body);
  std::string text(encoded.size(), '\0');
  std::size_t size = 0;
  sodium_base642bin(reinterpret_cast<unsigned char*>(text.data()), text.size(), encoded.data(), encoded.size(), "\n",
                    &size, nullptr, sodium_base64_VARIANT_ORIGINAL);
  text.resize(size);
  return text;
}

contract::GuestSpec full_spec() {
  auto spec = test::example_spec();
  spec.nic.dns.items = {*contract::Ipv4::parse("192.0.2.1"), *contract::Ipv4::parse("198.51.100.53")};
  spec.seed.ssh_keys.items = {
      *Text<16, 8192>::parse("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAA somebody@\"home\" # {}: - &x *y")};
  spec.seed.password_crypt = *Text<3, 256>::parse("$6$salt$abcABC./0123");
  return spec;
}

TEST_F(SeedTest, HoldsFourDocumentsOnADiskThatCloudInitLooksFor) {
  auto const documents = seed_documents(full_spec());
  ASSERT_TRUE(documents);
  ASSERT_TRUE(write_seed(*documents, file));
  auto const files = read_iso(file);
  EXPECT_THAT(files, ElementsAre(Key("meta-data"), Key("network-config"), Key("user-data"), Key("vendor-data")));
  EXPECT_EQ(files.at("user-data"), documents->user_data);
  EXPECT_EQ(files.at("network-config"), documents->network_config);
  EXPECT_EQ(volume_label(file), "CIDATA");  // capitals, by ECMA-119; cloud-init looks for either
  struct stat facts{};
  ASSERT_EQ(stat(file.c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 0777, 0600U);
}

TEST_F(SeedTest, ReplacesAnEarlierOneWhole) {
  ASSERT_TRUE(write_seed(*seed_documents(full_spec()), file));
  std::ofstream(folder / "seed.iso.new") << "half of one";
  auto spec = full_spec();
  spec.hostname = *contract::Hostname::parse("renamed");
  ASSERT_TRUE(write_seed(*seed_documents(spec), file));
  EXPECT_THAT(read_iso(file).at("meta-data"), HasSubstr("renamed"));
  EXPECT_FALSE(std::filesystem::exists(folder / "seed.iso.new"));
  EXPECT_FALSE(write_seed(*seed_documents(spec), folder / "absent" / "seed.iso"));
}

TEST(SeedDocuments, SayWhoAndWhere) {
  auto const documents = seed_documents(full_spec());
  ASSERT_TRUE(documents);
  EXPECT_EQ(json::parse(documents->meta_data),
            json::parse(R"({"instance-id": "0198f3c4-5a6b-7c8d-9e0f-112233445566", "local-hostname": "web-1"})"));
  EXPECT_EQ(json::parse(documents->network_config), json::parse(R"({"version": 2, "ethernets": {"eth0": {
      "match": {"macaddress": "52:54:00:12:34:56"}, "set-name": "eth0", "dhcp4": false, "dhcp6": false,
      "addresses": ["192.0.2.5/24"], "routes": [{"to": "0.0.0.0/0", "via": "192.0.2.1"}],
      "nameservers": {"addresses": ["192.0.2.1", "198.51.100.53"]}}}})"));
  auto const config = cloud_config(documents->user_data);
  EXPECT_EQ(config.at("password"), "$6$salt$abcABC./0123");
  EXPECT_EQ(config.at("chpasswd").at("expire"), false);
  EXPECT_EQ(config.at("ssh_pwauth"), true);
  EXPECT_EQ(config.at("ssh_authorized_keys").at(0).as_string(), std::string_view(full_spec().seed.ssh_keys.items[0]));
}

TEST(SeedDocuments, WithoutPasswordNobodyGetsInByOne) {
  auto const documents = seed_documents(test::example_spec());
  ASSERT_TRUE(documents);
  auto const config = cloud_config(documents->user_data);
  EXPECT_FALSE(config.contains("password"));
  EXPECT_FALSE(config.contains("ssh_pwauth"));
  EXPECT_FALSE(config.contains("ssh_authorized_keys"));
  EXPECT_FALSE(json::parse(documents->network_config).at("ethernets").at("eth0").as_object().contains("nameservers"));
}

TEST(SeedDocuments, TheCustomersOwnPartStaysWhatItWas) {
  auto spec = full_spec();
  std::string const theirs =
      "#cloud-config\npackages:\n  - nginx\n--==berth==\nContent-Type: "
      "text/x-shellscript\n\n#!/bin/sh\n--==berth==--\n\t\xc3\xa4";
  spec.seed.user_data = *MultilineText<1, 65536>::parse(theirs);
  auto const documents = seed_documents(spec);
  ASSERT_TRUE(documents);
  EXPECT_TRUE(documents->user_data.starts_with("Content-Type: multipart/mixed; boundary=\"==berth==\"\n"));
  EXPECT_EQ(part_of(documents->user_data, "text/plain"), theirs);
  EXPECT_EQ(cloud_config(part_of(documents->user_data, "text/cloud-config")).at("password"), "$6$salt$abcABC./0123");
  std::size_t boundaries = 0;
  for (auto at = documents->user_data.find("--==berth=="); at != std::string::npos;
       at = documents->user_data.find("--==berth==", at + 1))
    ++boundaries;
  EXPECT_EQ(boundaries, 3U);
}

TEST(SeedDocuments, AHashThatCloudInitWouldTakeForAPasswordIsRefused) {
  for (auto const* text : {"plain-password", "$y$j9T$salt$hash", "$1$salt$hash", "$6$onlysalt", "$6$salt$",
                           "$6$salt$ha sh", "$6$salt$ha:sh"}) {
    auto spec = test::example_spec();
    spec.seed.password_crypt = *Text<3, 256>::parse(text);
    auto const documents = seed_documents(spec);
    ASSERT_FALSE(documents) << text;
    EXPECT_EQ(documents.error().code, ErrorCode::invalid_argument);
    ASSERT_EQ(documents.error().fields.size(), 1U);
    EXPECT_EQ(documents.error().fields[0].pointer, "/seed/password_crypt");
    EXPECT_THAT(documents.error().message, testing::Not(HasSubstr("salt")));
  }
}

// Threat 27: what could break a document never becomes part of a spec.
TEST(SeedDocuments, LineBreaksAndNulCannotBeSaid) {
  using namespace std::string_view_literals;
  for (auto text : {"ssh-ed25519 AAAA\nruncmd: [reboot]"sv, "ssh-ed25519 AAAA\rx"sv, "ssh-ed25519 AAAA\0x"sv,
                    "ssh-ed25519 AAAA\xe2\x80\xa8x"sv})
    EXPECT_FALSE((Text<16, 8192>::parse(text)));
  EXPECT_FALSE((MultilineText<1, 65536>::parse("#!/bin/sh\0"sv)));
  EXPECT_FALSE(contract::is_hostname("web\n1"));
}

}  // namespace
}  // namespace berth::kvm
