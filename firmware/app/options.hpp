// What berthd is told on its command line.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "firmware/base/result.hpp"

namespace berth::app {

struct Options {
  std::filesystem::path state = "/var/lib/berth";
  std::string listen = "127.0.0.1:8443";
  std::filesystem::path engine = "/run/berth/engine.sock";
  std::filesystem::path socket = "/run/berth/panel.sock";
  std::filesystem::path images;    // starter images; empty: none
  bool restore_good_copy = false;  // put the last good copy in the place of a damaged database
  bool forget_copies = false;      // take away what an older release would go on with, and end
  std::string crash_at;            // tests: see jobs::FaultPlan
  std::string fail_at;
  std::filesystem::path test_channel_authority;  // tests: connectors::ChannelOptions
  bool print_openapi = false;
  bool print_crash_points = false;
};

struct Endpoint {
  std::string address;  // an IPv4 or IPv6 literal, without brackets
  std::uint16_t port = 0;
};
// "127.0.0.1:8443", "[::1]:8443". Errors: invalid_argument. Pure.
Result<Endpoint> parse_endpoint(std::string_view text);

// The parsed command line, or the exit code when there is nothing more to do (--help, --version, a mistake).
struct Parsed {
  Options options;
  std::optional<int> exit_code;
};
Parsed parse_command_line(int argc, char** argv);

}  // namespace berth::app
