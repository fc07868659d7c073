// Where a request came from, as the socket says. Nothing here was claimed by a header but the user agent, which is shown
// and never believed.
#pragma once

#include <string>

namespace berth::accounts {

struct Client {
  std::string address;     // "192.0.2.7"; empty over the local socket
  std::string user_agent;  // shortened, without control characters
  std::string token;       // of the session that the request carried, if any
};

}  // namespace berth::accounts
