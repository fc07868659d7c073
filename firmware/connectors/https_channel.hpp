// An update channel behind https, by libcurl. Thread-safe: each call has a connection of its own.
//
// The address is an administrator's, and still nothing on this machine or beside it answers for one: loopback, link-local
// (169.254.169.254 among them), multicast and unspecified addresses are refused when the name has been looked up, on the very
// address that is connected to, so that a name which changes its address meanwhile gains nothing. Addresses of private networks
// are allowed: a channel may be a server in the same rack. There are no redirects, no proxies and no schemes but https.
#pragma once

#include <filesystem>

#include "firmware/jobs/outside.hpp"

namespace berth::connectors {

struct ChannelOptions {
  // For tests alone: these certificates are trusted instead of the system's, and loopback addresses are allowed.
  std::filesystem::path test_authority;
};

class HttpsChannel final : public jobs::UpdateChannel {
 public:
  // Prepares libcurl: before other threads use it.
  explicit HttpsChannel(ChannelOptions options = {});

  Result<jobs::Offer> offer(std::string const& folder_url, std::string const& board) override;
  Result<void> fetch(std::string const& folder_url, jobs::Offer const& offer, Sink const& sink) override;

 private:
  ChannelOptions const options_;
};

// Pure: what a BOARD.json says. Errors: corrupt ("channel-malformed").
Result<jobs::Offer> read_offer(std::string_view text);
// Whether nobody's channel can be there: an IPv4 or IPv6 address in network byte order, 4 or 16 bytes.
bool is_forbidden_address(std::string_view bytes, bool loopback_allowed);

}  // namespace berth::connectors
