// The machine's own jobs in the crash test: how each is asked for, and what stands in for the world beside the engine.
#pragma once

#include <filesystem>
#include <string>

#include "firmware/jobs/outside.hpp"
#include "firmware/services/call.hpp"

namespace berth::crash {

// Says how often it was made, in a file that outlives the process.
class CertificateFile final : public jobs::PanelCertificate {
 public:
  explicit CertificateFile(std::filesystem::path folder) : file_(std::move(folder) / "certificate") {}
  Result<jobs::CertificateFacts> facts() override;
  Result<void> renew(std::string const& hostname, std::vector<std::string> const& addresses) override;

 private:
  std::filesystem::path const file_;
};

// Offers "2.0.0" always.
class ToldChannel final : public jobs::UpdateChannel {
 public:
  Result<jobs::Offer> offer(std::string const& folder_url, std::string const& board) override;
  Result<void> fetch(std::string const& folder_url, jobs::Offer const& offer, Sink const& sink) override;
};

// `act` is a type of job; `subject` a host name, a slot, or nothing. Looks at the machine first, as the reconciler does.
Result<void> do_machine_act(services::Call& call, jobs::Outside const& outside, std::string const& act,
                            std::string const& subject);

}  // namespace berth::crash
