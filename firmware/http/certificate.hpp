// The certificate a new machine starts with: self-signed, so that the first visit is encrypted and can be compared by
// fingerprint with what the console shows.
#pragma once

#include <chrono>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "firmware/base/result.hpp"

namespace berth::http {

struct SelfSigned {
  std::filesystem::path chain;
  std::filesystem::path key;
  std::string fingerprint;  // SHA-256 of the DER form, "AA:BB:..." as browsers and `openssl x509 -fingerprint` show it
};

// Makes a P-256 key and a certificate for `hostname` (without a dot: its name in multicast DNS, too), localhost, 127.0.0.1, ::1 and `more_names` (host names or IP
// literals), valid from a day ago for 825 days: the longest span that Apple's clients accept of a certificate that the
// user trusts by hand. Files are replaced atomically: key mode 0600, certificate 0644.
// `hostname` may be "": the certificate is then called "berth" and serves the other names.
// Errors: invalid_argument for a name that is neither host name nor IP literal, io when a file cannot be written.
[[nodiscard]] Result<SelfSigned> make_self_signed(std::filesystem::path const& chain, std::filesystem::path const& key,
                                                  std::string_view hostname,
                                                  std::vector<std::string> const& more_names = {});

// RFC 1123 section 2.1: labels of letters, digits and inner hyphens.
[[nodiscard]] bool is_host_name(std::string_view name);

// Whether the first certificate in a PEM file is one of make_self_signed() that ends within 30 days of `now` or has ended.
// One that somebody put there is theirs to renew. Errors: corrupt.
[[nodiscard]] Result<bool> is_due_for_renewal(std::filesystem::path const& chain,
                                              std::chrono::system_clock::time_point now);

// Whether the key belongs to that certificate. Errors: corrupt.
[[nodiscard]] Result<bool> is_pair(std::filesystem::path const& chain, std::filesystem::path const& key);

// What the first certificate in a PEM file says. Errors: corrupt.
struct CertificateSummary {
  std::string fingerprint;
  std::chrono::sys_seconds expires_at;
  std::vector<std::string> names;  // host names and addresses of its alternative names
  bool ours = false;               // of make_self_signed()
};
[[nodiscard]] Result<CertificateSummary> summarize_certificate(std::filesystem::path const& chain);

// SHA-256 fingerprint of the first certificate in a PEM file.
[[nodiscard]] Result<std::string> certificate_fingerprint(std::filesystem::path const& chain);

}  // namespace berth::http
