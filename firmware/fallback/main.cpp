// berth-fallback: answers on the panel's port while the panel cannot be started, and lets go of it when told to end.
#include <CLI/CLI.hpp>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <filesystem>

#include "firmware/fallback/page.hpp"
#include "firmware/fallback/reason.hpp"
#include "firmware/http/certificate.hpp"
#include "firmware/http/server.hpp"

namespace {

using namespace berth;

constexpr std::chrono::seconds stop_deadline{1};

struct Options {
  std::string address = "::";
  std::uint16_t port = 443;
  std::filesystem::path certificate = "/var/lib/berth/tls/panel.pem";
  std::filesystem::path runtime = "/run/berth-fallback";
  std::string unit = "berthd.service";
};

// The panel's certificate, which visitors know; if that is what is broken, one that ends with this process.
Result<http::Server> listen(Options const& options, http::Handler& page) {
  http::Config config;
  config.workers = 4;
  config.streams_max = 0;
  config.connections_max = 256;
  config.body_bytes_max = 4096;
  config.tls = http::TlsListener{options.address, options.port, {}};
  auto const start = [&](std::filesystem::path const& chain, std::filesystem::path const& key) {
    config.tls->certificates = {{chain, key, {}}};
    return http::Server::start(config, page);
  };
  auto server = start(options.certificate, std::filesystem::path(options.certificate).replace_extension(".key"));
  if (server || server.error().code == ErrorCode::unavailable) return server;
  auto const made = TRY(http::make_self_signed(options.runtime / "page.pem", options.runtime / "page.key", ""));
  return start(made.chain, made.key);
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Says on the panel's port why the panel does not answer");
  Options options;
  app.add_option("--address", options.address)->capture_default_str();
  app.add_option("--port", options.port)->capture_default_str();
  app.add_option("--certificate", options.certificate, "the panel's; its key lies beside it")->capture_default_str();
  app.add_option("--runtime", options.runtime, "for a certificate of its own")->capture_default_str();
  app.add_option("--unit", options.unit, "the panel's unit")->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  std::signal(SIGPIPE, SIG_IGN);
  sigset_t ending;
  sigemptyset(&ending);
  sigaddset(&ending, SIGTERM);
  sigaddset(&ending, SIGINT);
  ::pthread_sigmask(SIG_BLOCK, &ending, nullptr);  // before any thread
  fallback::Page page(fallback::reason_of(options.unit));
  auto server = listen(options, page);
  if (!server) {
    std::fprintf(stderr, "berth-fallback: %s\n", describe(server.error()).c_str());
    return 1;
  }
  int signal = 0;
  ::sigwait(&ending, &signal);
  server->stop(stop_deadline);
  return 0;
}
