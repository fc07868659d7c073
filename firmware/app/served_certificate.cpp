#include "firmware/app/served_certificate.hpp"

#include "firmware/http/certificate.hpp"

namespace berth::app {

void ServedCertificate::on_change(std::function<Result<void>()> reload) {
  std::scoped_lock lock(mutex_);
  reload_ = std::move(reload);
}

Result<jobs::CertificateFacts> ServedCertificate::facts() {
  auto const summary = TRY(http::summarize_certificate(chain_));
  return jobs::CertificateFacts{
      summary.fingerprint,
      std::chrono::duration_cast<std::chrono::milliseconds>(summary.expires_at.time_since_epoch()).count(),
      summary.names, summary.ours};
}

Result<void> ServedCertificate::renew(std::string const& hostname, std::vector<std::string> const& addresses) {
  std::scoped_lock lock(mutex_);
  // A name that no certificate takes is left out.
  TRY(http::make_self_signed(chain_, key_, http::is_host_name(hostname) ? hostname : "", addresses));
  return reload_ ? reload_() : Result<void>{};
}

}  // namespace berth::app
