#include "firmware/app/options.hpp"

#include <arpa/inet.h>

#include <CLI/CLI.hpp>
#include <array>
#include <charconv>

#include "firmware/app/version.hpp"

namespace berth::app {

Result<Endpoint> parse_endpoint(std::string_view text) {
  auto const wrong = [&] {
    return fail(ErrorCode::invalid_argument, "invalid-listen",
                "--listen takes ADDRESS:PORT, for example 127.0.0.1:8443 or [::]:443");
  };
  auto const colon = text.rfind(':');
  if (colon == std::string_view::npos) return wrong();
  Endpoint endpoint;
  auto address = text.substr(0, colon);
  auto const port = text.substr(colon + 1);
  auto const [at, error] = std::from_chars(port.data(), port.data() + port.size(), endpoint.port);
  if (error != std::errc{} || at != port.data() + port.size()) return wrong();
  bool const six = address.size() > 2 && address.front() == '[' && address.back() == ']';
  if (six) address = address.substr(1, address.size() - 2);
  endpoint.address = address;
  std::array<unsigned char, 16> bytes{};
  if (inet_pton(six ? AF_INET6 : AF_INET, endpoint.address.c_str(), bytes.data()) != 1) return wrong();
  return endpoint;
}

Parsed parse_command_line(int argc, char** argv) {
  Parsed parsed;
  auto& o = parsed.options;
  CLI::App app("Berth's panel: pages, API, jobs. Runs as the user berth; the engine does what needs root.", "berthd");
  app.set_version_flag("--version", std::string("berthd ") + version);
  app.add_option("--state", o.state, "the folder of the database and the certificate")->capture_default_str();
  app.add_option("--listen", o.listen, "where browsers connect; port 0: any")->capture_default_str();
  app.add_option("--engine", o.engine, "the engine's socket")->capture_default_str();
  app.add_option("--socket", o.socket, "the socket of the command line (berth)")->capture_default_str();
  app.add_option("--images", o.images, "a folder of starter images");
  app.add_flag("--restore-good-copy", o.restore_good_copy,
               "go back to the last good copy of a damaged database, which is kept beside it");
  app.add_flag("--forget-copies", o.forget_copies,
               "take away the copies of the database for an older release, and exit: this one works");
  app.add_flag("--openapi", o.print_openapi, "print the API's description and exit");
  app.add_flag("--list-crash-points", o.print_crash_points,
               "print the points of jobs at which a test may stop this program, and exit");
  app.add_option("--crash-at", o.crash_at)->group("");
  app.add_option("--fail-at", o.fail_at)->group("");
  app.add_option("--test-channel-authority", o.test_channel_authority)->group("");
  try {
    app.parse(argc, argv);
  } catch (CLI::ParseError const& error) {
    parsed.exit_code = app.exit(error);
  }
  return parsed;
}

}  // namespace berth::app
