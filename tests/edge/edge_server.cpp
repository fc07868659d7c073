// A small server on berth_http for the edge tests: every handler is a handle to watch the HTTP layer from outside.
// Prints "port: N", "fingerprint: XX" and "ready", and ends when standard input does; a line "release" lets /hold go.
//
//   edge_server DIRECTORY [workers N] [deadline_ms N] [connections N] [streams N] [everywhere 1]
#include <unistd.h>

#include <array>
#include <charconv>
#include <condition_variable>
#include <cstdio>
#include <format>
#include <iostream>
#include <map>
#include <mutex>
#include <thread>

#include "firmware/base/result.hpp"
#include "firmware/http/certificate.hpp"
#include "firmware/http/server.hpp"
#include "firmware/http/static_assets.hpp"

namespace {

using namespace berth;
using namespace berth::http;
using namespace std::chrono_literals;

std::size_t number(std::string_view text, std::size_t otherwise) {
  std::size_t value = otherwise;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

constexpr std::string_view page = "<!doctype html><title>edge</title>";
constexpr Asset assets[] = {{"/index.html", "text/html; charset=utf-8", "W/\"1\"", page, "", false}};

// Repeats what it hears; "flood N" sends N messages, "close" asks the server's side to close.
class Echo final : public WebSocketSession {
 public:
  void on_open(Sender sender) override { sender_ = sender; }
  void on_message(MessageKind kind, std::string_view bytes) override {
    if (bytes == "close") return sender_->close(CloseCode::normal, "asked");
    if (bytes.starts_with("flood ")) {
      flood_ = std::jthread([sender = *sender_, count = number(bytes.substr(6), 0)] {
        std::string const message(64 * 1024, 'x');
        for (std::size_t i = 0; i < count && sender.send(MessageKind::binary, message, 60s); ++i) {
        }
      });
      return;
    }
    if (!sender_->send(kind, bytes)) sender_->close(CloseCode::policy_violation, "slow");
  }
  void on_close() override {}

 private:
  std::optional<Sender> sender_;
  std::jthread flood_;
};

class EdgeHandler final : public Handler {
 public:
  explicit EdgeHandler(std::filesystem::path directory) : directory_(std::move(directory)) {}
  Response handle(Request const& request) override {
    if (request.path == "/hello") return Response::text(200, "hello");
    if (request.path == "/echo") return Response::text(200, request.body);
    if (request.path == "/stream" && request.incoming != nullptr) return swallow(request);
    if (request.path == "/seen")
      return Response::text(200, std::format("{} {} {}", to_string(request.method), request.path, request.query));
    if (request.path == "/big") return Response::text(200, std::string(number(request.query, 0), 'b'));
    if (request.path == "/throw") throw std::runtime_error("on purpose");
    if (request.path == "/header") return with_header(request);
    if (request.path == "/peer") return peer(request);
    if (request.path == "/hold") return hold();
    if (request.path == "/events") return events(request);
    if (request.path == "/close-streams") return close_streams();
    if (request.path == "/renew") return renew();
    if (auto asset = pages_.respond(request)) return *asset;
    return Response::text(404, "no such path");
  }

  void serve_through(Server& server) {
    std::lock_guard const lock(mutex_);
    server_ = &server;
  }

  // Lets every /hold go on, also those to come.
  void release() {
    std::lock_guard const lock(mutex_);
    released_ = true;
    changed_.notify_all();
  }

  WebSocketDecision accept_websocket(Request const& request) override {
    if (request.headers.find("Origin") != "https://" + request.host) return Response::text(403, "wrong origin");
    AcceptedWebSocket accepted;
    accepted.session = std::make_unique<Echo>();
    accepted.owner = query_parameter(request.query, "owner").value_or("nobody");
    return accepted;
  }

 private:
  static Response with_header(Request const& request) {
    auto response = Response::text(200, "");
    response.headers.add("X-Given", percent_decode(request.query).value_or(""));
    return response;
  }

  static Response peer(Request const& request) {
    if (!request.local_peer) return Response::text(200, std::format("{} secure={}", request.peer.ip, request.secure));
    return Response::text(
        200, std::format("uid={} pid={} secure={}", request.local_peer->uid, request.local_peer->pid, request.secure));
  }

  // Reads a streamed body in small pieces, or with ?refuse not at all.
  static Response swallow(Request const& request) {
    if (request.query == "refuse") return Response::text(403, "refused");
    std::array<char, 10'000> piece;
    std::uint64_t got = 0;
    unsigned char sum = 0;
    for (;;) {
      auto const n = request.incoming->read(piece);
      if (!n) return Response::text(n.error().slug == "body-too-slow" ? 408 : 400, n.error().slug);
      if (*n == 0) return Response::text(200, std::format("{} {}", got, sum));
      got += *n;
      for (std::size_t i = 0; i < *n; ++i) sum = static_cast<unsigned char>(sum * 31 + piece[i]);
    }
  }

  Response hold() {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, 60s, [&] { return released_; });
    return Response::text(200, "held");
  }

  Response events(Request const& request) {
    Response response;
    response.headers.add("Content-Type", "text/event-stream");
    response.stream = Stream{[this](StreamWriter& writer) {
                               {
                                 std::lock_guard const lock(mutex_);
                                 closers_.push_back(writer.closer());
                               }
                               std::condition_variable_any tick;
                               std::mutex none;
                               while (writer.write("data: tick\n\n")) {
                                 std::unique_lock lock(none);
                                 tick.wait_for(lock, writer.stopping(), 200ms, [] { return false; });
                               }
                             },
                             query_parameter(request.query, "owner").value_or("nobody")};
    return response;
  }

  Response close_streams() {
    std::lock_guard const lock(mutex_);
    for (auto const& closer : closers_) closer.close();
    return Response::text(200, "closed");
  }

  // A second certificate for renewed.test, and a new one for everybody else.
  Response renew() {
    auto const first = make_self_signed(directory_ / "second.pem", directory_ / "second.key", "renewed.test");
    auto const other = make_self_signed(directory_ / "third.pem", directory_ / "third.key", "default.test");
    if (!first || !other) return Response::text(500, "no certificate");
    std::lock_guard const lock(mutex_);
    auto const done = server_->reload_certificates(
        {{other->chain, other->key, {}}, {first->chain, first->key, {"renewed.test", "*.renewed.test"}}});
    return done ? Response::text(200, first->fingerprint) : Response::text(500, describe(done.error()));
  }

  std::filesystem::path directory_;
  StaticAssets pages_{assets, {"/servers"}};
  std::mutex mutex_;
  Server* server_ = nullptr;
  std::condition_variable changed_;
  bool released_ = false;
  std::vector<StreamCloser> closers_;
};

Result<void> run(std::filesystem::path const& directory, std::map<std::string, std::size_t> const& given) {
  auto const option = [&](char const* name, std::size_t otherwise) {
    auto const found = given.find(name);
    return found == given.end() ? otherwise : found->second;
  };
  auto const certificate = TRY(make_self_signed(directory / "first.pem", directory / "first.key", "edge.test"));
  std::chrono::milliseconds const deadline{option("deadline_ms", 2000)};
  Config config;
  config.tls =
      TlsListener{option("everywhere", 0) != 0 ? "::" : "127.0.0.1", 0, {{certificate.chain, certificate.key, {}}}};
  config.local = LocalListener{directory / "edge.socket", std::nullopt};
  config.workers = static_cast<unsigned>(option("workers", 16));
  config.streams_max = static_cast<unsigned>(option("streams", 12));
  config.streams_per_owner_max = 4;
  config.connections_max = option("connections", 4096);
  config.request_deadline = config.write_deadline = deadline;
  config.idle_deadline = deadline * 2;
  config.streamed = {{Method::post, "/stream", 64 << 20}};
  config.host_allowed = [](std::string_view host) { return host != "evil.test"; };
  EdgeHandler handler(directory);
  auto server = TRY(Server::start(config, handler));
  handler.serve_through(server);
  std::cout << "port: " << server.port() << "\nfingerprint: " << certificate.fingerprint << "\nready\n" << std::flush;
  std::string line;
  while (std::getline(std::cin, line))
    if (line == "release") handler.release();
  server.stop(3s);
  std::cout << "stopped\n" << std::flush;
  return {};
}

}  // namespace

int main(int argc, char** argv) {
  std::map<std::string, std::size_t> given;
  for (int i = 2; i + 1 < argc; i += 2) given[argv[i]] = number(argv[i + 1], 0);
  auto const done = run(argc > 1 ? argv[1] : ".", given);
  if (!done) std::cerr << describe(done.error()) << '\n';
  return done ? 0 : 1;
}
