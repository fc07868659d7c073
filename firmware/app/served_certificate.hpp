// The certificate that the panel's server shows, and how it is made anew. Thread-safe.
#pragma once

#include <filesystem>
#include <functional>
#include <mutex>

#include "firmware/jobs/outside.hpp"

namespace berth::app {

class ServedCertificate final : public jobs::PanelCertificate {
 public:
  ServedCertificate(std::filesystem::path chain, std::filesystem::path key)
      : chain_(std::move(chain)), key_(std::move(key)) {}

  // How the server reads the files again; nothing: there is no server now.
  void on_change(std::function<Result<void>()> reload);

  Result<jobs::CertificateFacts> facts() override;
  Result<void> renew(std::string const& hostname, std::vector<std::string> const& addresses) override;

 private:
  std::filesystem::path const chain_;
  std::filesystem::path const key_;
  std::mutex mutex_;  // one renewal at a time
  std::function<Result<void>()> reload_;
};

}  // namespace berth::app
