#include "firmware/http/certificate.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <mbedtls/oid.h>
#include <mbedtls/pk.h>
#include <mbedtls/platform_util.h>
#include <mbedtls/x509_crt.h>
#include <psa/crypto.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <chrono>
#include <deque>
#include <format>

#include "firmware/base/descriptor.hpp"
#include "firmware/base/random.hpp"

namespace berth::http {
namespace {

constexpr std::chrono::days valid_days{825};  // counted with the first and the last
constexpr std::chrono::days backdated{1};     // a client's clock may be behind ours
constexpr std::chrono::days renewed_before_end{30};
constexpr std::string_view our_mark = "O=Berth";

struct Key {
  mbedtls_pk_context context;
  Key() { mbedtls_pk_init(&context); }
  Key(Key const&) = delete;
  Key& operator=(Key const&) = delete;
  ~Key() { mbedtls_pk_free(&context); }
};

struct Writer {
  mbedtls_x509write_cert context;
  Writer() { mbedtls_x509write_crt_init(&context); }
  Writer(Writer const&) = delete;
  Writer& operator=(Writer const&) = delete;
  ~Writer() { mbedtls_x509write_crt_free(&context); }
};

struct Chain {
  mbedtls_x509_crt context;
  Chain() { mbedtls_x509_crt_init(&context); }
  Chain(Chain const&) = delete;
  Chain& operator=(Chain const&) = delete;
  ~Chain() { mbedtls_x509_crt_free(&context); }
};

// PEM text that is wiped when it goes.
struct Pem {
  std::array<unsigned char, 8192> bytes{};
  Pem() = default;
  Pem(Pem const&) = delete;
  Pem& operator=(Pem const&) = delete;
  ~Pem() { mbedtls_platform_zeroize(bytes.data(), bytes.size()); }
  [[nodiscard]] std::string_view text() const { return reinterpret_cast<char const*>(bytes.data()); }
};

// The shape that mbedTLS wants for a source of randomness.
int random_bytes(void*, unsigned char* out, std::size_t length) {
  fill_random({out, length});
  return 0;
}

Result<void> check(int code, std::string_view attempt) {
  if (code == 0) return {};
  return fail(
      ErrorCode::internal, "certificate-failed",
      std::format("The certificate could not be made: {} (mbedTLS -0x{:04x}).", attempt, static_cast<unsigned>(-code)));
}

// The list that mbedTLS wants, with the bytes it points to. Nodes point into deques, which never move their elements.
class AlternativeNames {
 public:
  [[nodiscard]] bool add(std::string const& name) {
    std::array<unsigned char, 16> address{};
    if (inet_pton(AF_INET, name.c_str(), address.data()) == 1) {
      append(MBEDTLS_X509_SAN_IP_ADDRESS, std::string(reinterpret_cast<char const*>(address.data()), 4));
    } else if (inet_pton(AF_INET6, name.c_str(), address.data()) == 1) {
      append(MBEDTLS_X509_SAN_IP_ADDRESS, std::string(reinterpret_cast<char const*>(address.data()), 16));
    } else if (is_host_name(name)) {
      append(MBEDTLS_X509_SAN_DNS_NAME, name);
    } else {
      return false;
    }
    return true;
  }
  [[nodiscard]] mbedtls_x509_san_list* first() { return nodes_.empty() ? nullptr : &nodes_.front(); }

 private:
  void append(int type, std::string bytes) {
    if (std::ranges::contains(values_, bytes)) return;
    auto& value = values_.emplace_back(std::move(bytes));
    auto& node = nodes_.emplace_back();
    node.node.type = type;
    node.node.san.unstructured_name.p = reinterpret_cast<unsigned char*>(value.data());
    node.node.san.unstructured_name.len = value.size();
    if (nodes_.size() > 1) nodes_[nodes_.size() - 2].next = &node;
  }
  std::deque<std::string> values_;
  std::deque<mbedtls_x509_san_list> nodes_;
};

Result<void> write_file(std::filesystem::path const& path, std::string_view text, mode_t mode) {
  auto const temporary = std::format("{}.{}", path.native(), random_token(9));
  Descriptor const file(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!file.valid()) return fail_errno(errno, std::format("create {}", temporary));
  auto const give_up = [&](std::string_view what) {
    int const reason = errno;
    ::unlink(temporary.c_str());
    return fail_errno(reason, std::format("{} {}", what, path.native()));
  };
  while (!text.empty()) {
    auto const n = ::write(file.get(), text.data(), text.size());
    if (n < 0) return give_up("write");
    text.remove_prefix(static_cast<std::size_t>(n));
  }
  if (::fchmod(file.get(), mode) != 0 || ::fsync(file.get()) != 0) return give_up("finish");
  if (::rename(temporary.c_str(), path.c_str()) != 0) return give_up("replace");
  return {};
}

std::string asn1_time(std::chrono::system_clock::time_point moment) {
  return std::format("{:%Y%m%d%H%M%S}", std::chrono::time_point_cast<std::chrono::seconds>(moment));
}

Result<void> set_usage(mbedtls_x509write_cert& writer) {
  mbedtls_asn1_sequence server_authentication{};
  server_authentication.buf.tag = MBEDTLS_ASN1_OID;
  static constexpr std::string_view oid = MBEDTLS_OID_SERVER_AUTH;
  server_authentication.buf.p = reinterpret_cast<unsigned char*>(const_cast<char*>(oid.data()));
  server_authentication.buf.len = oid.size();
  TRY(check(mbedtls_x509write_crt_set_basic_constraints(&writer, 0, -1), "basic constraints"));
  TRY(check(mbedtls_x509write_crt_set_key_usage(&writer, MBEDTLS_X509_KU_DIGITAL_SIGNATURE), "key usage"));
  TRY(check(mbedtls_x509write_crt_set_ext_key_usage(&writer, &server_authentication), "extended key usage"));
  return {};
}

Result<void> sign(mbedtls_pk_context& key, std::string_view hostname, AlternativeNames& names, Pem& out) {
  Writer writer;
  // X.520 bounds a common name to 64; clients read the alternative names.
  bool const named = !hostname.empty() && hostname.size() <= 64;
  auto const subject = std::format("CN={},{}", named ? hostname : "berth", our_mark);
  auto const now = std::chrono::system_clock::now();
  std::array<unsigned char, 16> serial{};
  fill_random(serial);
  serial[0] =
      static_cast<unsigned char>((serial[0] & 0x7f) | 0x01);  // positive and not zero (RFC 5280 section 4.1.2.2)
  mbedtls_x509write_crt_set_version(&writer.context, MBEDTLS_X509_CRT_VERSION_3);
  mbedtls_x509write_crt_set_md_alg(&writer.context, MBEDTLS_MD_SHA256);
  mbedtls_x509write_crt_set_subject_key(&writer.context, &key);
  mbedtls_x509write_crt_set_issuer_key(&writer.context, &key);
  TRY(check(mbedtls_x509write_crt_set_subject_name(&writer.context, subject.c_str()), "subject"));
  TRY(check(mbedtls_x509write_crt_set_issuer_name(&writer.context, subject.c_str()), "issuer"));
  TRY(check(mbedtls_x509write_crt_set_serial_raw(&writer.context, serial.data(), serial.size()), "serial number"));
  TRY(check(mbedtls_x509write_crt_set_validity(&writer.context, asn1_time(now - backdated).c_str(),
                                               asn1_time(now - backdated + valid_days - std::chrono::days{1}).c_str()),
            "validity"));
  TRY(set_usage(writer.context));
  TRY(check(mbedtls_x509write_crt_set_subject_alternative_name(&writer.context, names.first()), "names"));
  TRY(check(mbedtls_x509write_crt_set_subject_key_identifier(&writer.context), "key identifier"));
  TRY(check(mbedtls_x509write_crt_pem(&writer.context, out.bytes.data(), out.bytes.size(), random_bytes, nullptr),
            "signature"));
  return {};
}

Result<void> read_chain(std::filesystem::path const& file, Chain& out) {
  if (int const code = mbedtls_x509_crt_parse_file(&out.context, file.c_str()); code != 0)
    return fail(ErrorCode::corrupt, "bad-certificate",
                std::format("{} holds no certificate (mbedTLS {}).", file.native(), code));
  return {};
}

std::string_view bytes_of(mbedtls_x509_buf const& field) {
  return {reinterpret_cast<char const*>(field.p), field.len};
}

}  // namespace

bool is_host_name(std::string_view name) {
  if (name.empty() || name.size() > 253) return false;
  std::size_t label = 0;
  for (std::size_t i = 0; i < name.size(); ++i) {
    auto const c = static_cast<unsigned char>(name[i]);
    bool const edge = label == 0 || i + 1 == name.size() || name[i + 1] == '.';
    if (c == '.') {
      if (label == 0) return false;
      label = 0;
    } else if (std::isalnum(c) != 0 || (c == '-' && !edge)) {
      if (++label > 63) return false;
    } else {
      return false;
    }
  }
  return label > 0;
}

Result<SelfSigned> make_self_signed(std::filesystem::path const& chain, std::filesystem::path const& key,
                                    std::string_view hostname, std::vector<std::string> const& more_names) {
  AlternativeNames names;
  std::vector<std::string> all{"localhost", "127.0.0.1", "::1"};
  if (!hostname.empty()) all.insert(all.begin(), std::string(hostname));
  if (is_host_name(hostname) && !hostname.contains('.')) all.push_back(std::string(hostname) + ".local");
  all.insert(all.end(), more_names.begin(), more_names.end());
  for (auto const& name : all)
    if (!names.add(name))
      return fail(ErrorCode::invalid_argument, "bad-host-name",
                  std::format("'{}' is neither a host name nor an IP address.", name));

  if (psa_crypto_init() != PSA_SUCCESS)
    return fail(ErrorCode::internal, "no-crypto", "The cryptographic library could not start.");
  Key pair;
  TRY(check(mbedtls_pk_setup(&pair.context, mbedtls_pk_info_from_type(MBEDTLS_PK_ECKEY)), "key"));
  TRY(check(mbedtls_ecp_gen_key(MBEDTLS_ECP_DP_SECP256R1, mbedtls_pk_ec(pair.context), random_bytes, nullptr), "key"));
  Pem certificate_pem;
  Pem key_pem;
  TRY(sign(pair.context, hostname, names, certificate_pem));
  TRY(check(mbedtls_pk_write_key_pem(&pair.context, key_pem.bytes.data(), key_pem.bytes.size()), "key file"));
  TRY(write_file(key, key_pem.text(), 0600));
  TRY(write_file(chain, certificate_pem.text(), 0644));
  return SelfSigned{chain, key, TRY(certificate_fingerprint(chain))};
}

namespace {

bool is_ours(mbedtls_x509_crt const& certificate) {
  std::array<char, 256> subject{};
  if (mbedtls_x509_dn_gets(subject.data(), subject.size(), &certificate.subject) < 0) return false;
  return bytes_of(certificate.subject_raw) == bytes_of(certificate.issuer_raw) &&
         std::string_view(subject.data()).ends_with(our_mark);
}

std::vector<std::string> names_of(mbedtls_x509_crt const& certificate) {
  constexpr int choice = 0x1f;  // of GeneralName, RFC 5280 section 4.2.1.6
  std::vector<std::string> names;
  for (auto const* at = &certificate.subject_alt_names; at != nullptr; at = at->next) {
    auto const bytes = bytes_of(at->buf);
    if ((at->buf.tag & choice) == MBEDTLS_X509_SAN_DNS_NAME) names.emplace_back(bytes);
    if ((at->buf.tag & choice) != MBEDTLS_X509_SAN_IP_ADDRESS || (bytes.size() != 4 && bytes.size() != 16)) continue;
    std::array<char, INET6_ADDRSTRLEN> text{};
    if (inet_ntop(bytes.size() == 4 ? AF_INET : AF_INET6, bytes.data(), text.data(), text.size()) != nullptr)
      names.emplace_back(text.data());
  }
  return names;
}

}  // namespace

Result<CertificateSummary> summarize_certificate(std::filesystem::path const& chain) {
  Chain certificates;
  TRY(read_chain(chain, certificates));
  auto const& certificate = certificates.context;
  auto const& end = certificate.valid_to;
  std::chrono::sys_days const day = std::chrono::year{end.year} / end.mon / end.day;
  return CertificateSummary{
      TRY(certificate_fingerprint(chain)),
      day + std::chrono::hours{end.hour} + std::chrono::minutes{end.min} + std::chrono::seconds{end.sec},
      names_of(certificate), is_ours(certificate)};
}

Result<bool> is_pair(std::filesystem::path const& chain, std::filesystem::path const& key) {
  Chain certificates;
  TRY(read_chain(chain, certificates));
  Key pair;
  if (psa_crypto_init() != PSA_SUCCESS ||
      mbedtls_pk_parse_keyfile(&pair.context, key.c_str(), nullptr, random_bytes, nullptr) != 0)
    return false;
  return mbedtls_pk_check_pair(&certificates.context.pk, &pair.context, random_bytes, nullptr) == 0;
}

Result<bool> is_due_for_renewal(std::filesystem::path const& chain, std::chrono::system_clock::time_point now) {
  Chain certificates;
  TRY(read_chain(chain, certificates));
  auto const& certificate = certificates.context;
  auto const& end = certificate.valid_to;
  std::chrono::sys_days const last_day = std::chrono::year{end.year} / end.mon / end.day;
  return is_ours(certificate) && now + renewed_before_end >= last_day;
}

Result<std::string> certificate_fingerprint(std::filesystem::path const& chain) {
  Chain certificates;
  TRY(read_chain(chain, certificates));
  std::array<unsigned char, 32> digest{};
  std::size_t length = 0;
  if (psa_crypto_init() != PSA_SUCCESS ||
      psa_hash_compute(PSA_ALG_SHA_256, certificates.context.raw.p, certificates.context.raw.len, digest.data(),
                       digest.size(), &length) != PSA_SUCCESS)
    return fail(ErrorCode::internal, "no-crypto", "The certificate's fingerprint could not be computed.");
  std::string fingerprint;
  for (unsigned char const byte : digest) fingerprint += std::format("{}{:02X}", fingerprint.empty() ? "" : ":", byte);
  return fingerprint;
}

}  // namespace berth::http
