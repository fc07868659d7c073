#include "firmware/http/certificate.hpp"

#include <gtest/gtest.h>
#include <mbedtls/x509_crt.h>
#include <sys/stat.h>

#include <array>
#include <chrono>
#include <filesystem>

#include "firmware/base/process.hpp"
#include "firmware/base/random.hpp"
#include "firmware/http/local_socket.hpp"

namespace berth::http {
namespace {

class Files : public ::testing::Test {
 protected:
  Files() { std::filesystem::create_directory(folder_); }
  ~Files() override { std::filesystem::remove_all(folder_); }
  std::filesystem::path folder_ = std::filesystem::temp_directory_path() / ("berth-http-" + random_token(9));
  std::filesystem::path chain_ = folder_ / "c.pem", key_ = folder_ / "k.pem";
};

std::chrono::sys_days day_of(mbedtls_x509_time const& time) {
  return std::chrono::year{time.year} / time.mon / time.day;
}

using Certificate = Files;
using LocalSocket = Files;

TEST_F(Certificate, ServesItsNamesForTheDaysItSays) {
  auto const made = make_self_signed(chain_, key_, "panel.example.org", {"192.0.2.7"});
  ASSERT_TRUE(made) << describe(made.error());
  mbedtls_x509_crt crt;
  mbedtls_x509_crt_init(&crt);
  ASSERT_EQ(mbedtls_x509_crt_parse_file(&crt, chain_.c_str()), 0);
  std::uint32_t flags = 0;
  for (auto const* name : {"panel.example.org", "localhost"})
    EXPECT_EQ(mbedtls_x509_crt_verify(&crt, &crt, nullptr, name, &flags, nullptr, nullptr), 0) << name << ' ' << flags;
  EXPECT_NE(mbedtls_x509_crt_verify(&crt, &crt, nullptr, "other.example.org", &flags, nullptr, nullptr), 0);
  EXPECT_EQ(day_of(crt.valid_to) - day_of(crt.valid_from), std::chrono::days{824});  // both ends count: 825
  mbedtls_x509_crt_free(&crt);
  EXPECT_EQ(made->fingerprint.size(), 95U);
  EXPECT_EQ(certificate_fingerprint(chain_), made->fingerprint);
}

TEST_F(Certificate, OfAMachineWithAShortNameServesItsMulticastName) {
  ASSERT_TRUE(make_self_signed(chain_, key_, "box-7"));
  mbedtls_x509_crt crt;
  mbedtls_x509_crt_init(&crt);
  ASSERT_EQ(mbedtls_x509_crt_parse_file(&crt, chain_.c_str()), 0);
  std::uint32_t flags = 0;
  for (auto const* name : {"box-7", "box-7.local"})
    EXPECT_EQ(mbedtls_x509_crt_verify(&crt, &crt, nullptr, name, &flags, nullptr, nullptr), 0) << name << ' ' << flags;
  mbedtls_x509_crt_free(&crt);
}

TEST_F(Certificate, OfAMachineWithoutAUsableNameServesItsAddresses) {
  EXPECT_FALSE(is_host_name("my_box"));
  EXPECT_FALSE(is_host_name("box."));
  EXPECT_FALSE(is_host_name(""));
  EXPECT_TRUE(is_host_name("my-box.example"));
  auto const made = make_self_signed(chain_, key_, "", {"192.0.2.7"});
  ASSERT_TRUE(made) << describe(made.error());
  mbedtls_x509_crt crt;
  mbedtls_x509_crt_init(&crt);
  ASSERT_EQ(mbedtls_x509_crt_parse_file(&crt, chain_.c_str()), 0);
  std::array<char, 256> subject{};
  EXPECT_GT(mbedtls_x509_dn_gets(subject.data(), subject.size(), &crt.subject), 0);
  EXPECT_STREQ(subject.data(), "CN=berth, O=Berth");
  std::uint32_t flags = 0;
  EXPECT_EQ(mbedtls_x509_crt_verify(&crt, &crt, nullptr, "192.0.2.7", &flags, nullptr, nullptr), 0);
  EXPECT_NE(mbedtls_x509_crt_verify(&crt, &crt, nullptr, "berth", &flags, nullptr, nullptr), 0);
  mbedtls_x509_crt_free(&crt);
}

TEST_F(Certificate, IsRenewedNearItsEndWhenItIsOurs) {
  ASSERT_TRUE(make_self_signed(chain_, key_, "a"));
  auto const now = std::chrono::system_clock::now();
  EXPECT_EQ(is_due_for_renewal(chain_, now), false);
  EXPECT_EQ(is_due_for_renewal(chain_, now + std::chrono::days{780}), false);
  EXPECT_EQ(is_due_for_renewal(chain_, now + std::chrono::days{800}), true);
  EXPECT_EQ(is_due_for_renewal(chain_, now + std::chrono::days{900}), true);
  // One of the operator's own.
  ASSERT_TRUE(run_checked({"openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                           "-keyout", key_.native(), "-out", chain_.native(), "-days", "1", "-subj", "/CN=a/O=Mine"}));
  EXPECT_EQ(is_due_for_renewal(chain_, now), false);
  EXPECT_FALSE(is_due_for_renewal(key_, now));
}

TEST_F(Certificate, KeepsItsKeyToItself) {
  ASSERT_TRUE(make_self_signed(chain_, key_, "a"));
  struct stat status{};
  ASSERT_EQ(::stat(key_.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600U);
}

TEST_F(Certificate, IsNewEachTime) {
  auto const first = make_self_signed(chain_, key_, "a");
  auto const second = make_self_signed(chain_, key_, "a");
  EXPECT_NE(first->fingerprint, second->fingerprint);
}

TEST_F(Certificate, RefusesWhatIsNoName) {
  for (auto const* bad : {"a b", "a,CN=b", "-a", "a-", "a..b", "*.a", "a\nb"}) {
    auto const made = make_self_signed(chain_, key_, bad);
    ASSERT_FALSE(made) << bad;
    EXPECT_EQ(made.error().code, ErrorCode::invalid_argument);
  }
  EXPECT_FALSE(std::filesystem::exists(key_));
}

TEST_F(Certificate, SaysWhenAFileCannotBeWritten) {
  EXPECT_FALSE(make_self_signed(folder_ / "none" / "c.pem", folder_ / "none" / "k.pem", "a"));
}

TEST_F(LocalSocket, TakesOnlyTheNameOfADeadSocket) {
  EXPECT_TRUE(make_way_for_socket(folder_ / "absent"));
  std::filesystem::create_directory(folder_ / "folder");
  EXPECT_EQ(make_way_for_socket(folder_ / "folder").error().code, ErrorCode::conflict);
  EXPECT_EQ(make_way_for_socket("relative").error().code, ErrorCode::invalid_argument);
  EXPECT_EQ(make_way_for_socket("/a,b").error().code, ErrorCode::invalid_argument);
  EXPECT_EQ(make_way_for_socket("/" + std::string(200, 'a')).error().code, ErrorCode::invalid_argument);
}

}  // namespace
}  // namespace berth::http
