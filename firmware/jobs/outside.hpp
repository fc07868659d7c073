// What steps act on: everything outside the database. Made by app/wiring.cpp; each part is thread-safe and outlives the runner.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "drivers/contract/engine.hpp"
#include "drivers/contract/machine.hpp"
#include "firmware/base/result.hpp"
#include "firmware/jobs/machine_files.hpp"

namespace berth::jobs {

// The certificate that browsers see.
struct CertificateFacts {
  std::string fingerprint;  // SHA-256 of the DER form, "AA:BB:..."
  std::int64_t expires_ms = 0;
  std::vector<std::string> names;  // host names and addresses that it is good for
  bool self_signed = false;        // ours; one that somebody put there is theirs to renew
};
BOOST_DESCRIBE_STRUCT(CertificateFacts, (), (fingerprint, expires_ms, names, self_signed))

class PanelCertificate {
 public:
  virtual ~PanelCertificate() = default;
  virtual Result<CertificateFacts> facts() = 0;
  // A new self-signed one for these names, in use from the next connection on.
  virtual Result<void> renew(std::string const& hostname, std::vector<std::string> const& addresses) = 0;
};

// What an update channel offers for one kind of machine.
struct Offer {
  std::string version;
  std::string file;    // beside the description
  std::string sha256;  // lower-case hex
  std::uint64_t size_bytes = 0;
};

// Where releases are published: a folder behind https with BOARD.json and the bundles. Bounded in size and time.
// Errors: unavailable ("channel-unreachable"), forbidden ("channel-refused": an address that is nobody's channel),
// corrupt ("channel-malformed", "update-damaged"), too_large, cancelled (the sink said so), and what the sink returns.
class UpdateChannel {
 public:
  using Sink = std::function<Result<void>(std::string_view bytes)>;
  virtual ~UpdateChannel() = default;
  virtual Result<Offer> offer(std::string const& folder_url, std::string const& board) = 0;
  // Every byte of the offered file, in order; succeeds only when size and digest are those of the offer.
  virtual Result<void> fetch(std::string const& folder_url, Offer const& offer, Sink const& sink) = 0;
};

struct Outside {
  contract::Engine& engine;
  contract::Machine& machine;
  PanelCertificate& certificate;
  UpdateChannel& channel;
  MachineFiles& files;
};

}  // namespace berth::jobs
