#include "firmware/http/server.hpp"

#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <format>
#include <span>

#include "firmware/base/descriptor.hpp"
#include "firmware/base/log.hpp"
#include "firmware/http/local_socket.hpp"
#include "firmware/http/server_impl.hpp"

namespace berth::http {
namespace {

// Leaves descriptors for the database, jobs and streams' event descriptors.
std::size_t connections_allowed(std::size_t wanted) {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return wanted;
  std::size_t const reserve = std::min<std::size_t>(256, limit.rlim_cur / 2);
  return std::clamp<std::size_t>(wanted, 1, limit.rlim_cur - reserve);
}

// A kernel started with ipv6.disable=1 has no such sockets.
bool kernel_has_ipv6() {
  return Descriptor(::socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0)).valid();
}

// In CivetWeb's words. "::" is one socket for both protocols, whatever net.ipv6.bindv6only says.
std::string tls_port(TlsListener const& tls) {
  if (tls.address == "::")
    return kernel_has_ipv6() ? std::format("+{}s", tls.port) : std::format("0.0.0.0:{}s", tls.port);
  return tls.address.contains(':') ? std::format("[{}]:{}s", tls.address, tls.port)
                                   : std::format("{}:{}s", tls.address, tls.port);
}

// As CivetWeb's option wants them (patch 0006).
std::string streamed_rules(std::vector<StreamedRequest> const& streamed) {
  std::string rules;
  for (auto const& one : streamed)
    rules += std::format("{}{} {} {}", rules.empty() ? "" : ",", to_string(one.method), one.path, one.bytes_max);
  return rules;
}

}  // namespace

Server::Impl::Running::Running(Impl& impl) : impl_(impl) {
  std::lock_guard const lock(impl_.mutex_);
  ++impl_.running_;
}

Server::Impl::Running::~Running() {
  std::lock_guard const lock(impl_.mutex_);
  if (--impl_.running_ == 0) impl_.idle_.notify_all();
}

Server::Impl::Impl(Config config, Handler& handler)
    : config_(std::move(config)), handler_(handler), streams_(config_.streams_max, config_.streams_per_owner_max) {
  mg_init_library(MG_FEATURES_TLS);
}

Server::Impl::~Impl() {
  stop(std::chrono::seconds{5});
  mg_exit_library();
}

bool Server::Impl::stopping() {
  std::lock_guard const lock(mutex_);
  return stopping_;
}

int Server::Impl::on_message(mg_connection const* connection, char const* message) noexcept {
  auto& impl = of(connection);
  std::lock_guard const lock(impl.mutex_);
  // Later messages are about single connections: a peer could fill the log with them.
  if (impl.context_ == nullptr) impl.start_message_.assign(message);
  return 1;
}

mg_callbacks Server::Impl::callbacks() {
  mg_callbacks table{};
  table.begin_request = &Impl::on_request;
  table.end_request = &Impl::on_request_end;
  table.log_message = &Impl::on_message;
  return table;
}

Result<std::string> Server::Impl::listening_ports() const {
  std::string ports;
  if (config_.tls) {
    auto const& address = config_.tls->address;
    if (address.empty() || address.find_first_not_of("0123456789abcdefABCDEF.:") != std::string::npos)
      return fail(ErrorCode::invalid_argument, "bad-listen-address",
                  "The address to listen on must be an IPv4 or IPv6 literal.");
    ports = tls_port(*config_.tls);
  }
  if (config_.local) {
    TRY(make_way_for_socket(config_.local->socket));
    if (!ports.empty()) ports += ',';
    ports += 'x' + config_.local->socket.native();
  }
  if (ports.empty())
    return fail(ErrorCode::invalid_argument, "no-listener",
                "The server needs an address or a local socket to listen on.");
  return ports;
}

Server::Impl::Options Server::Impl::options(std::string const& ports) const {
  auto const text = [](auto value) { return std::to_string(value); };
  return {{"listening_ports", ports},
          {"num_threads", text(config_.workers)},
          {"connection_queue", text(std::max(64U, config_.workers * 4))},
          {"max_connections", text(connections_allowed(config_.connections_max))},
          {"max_request_size", text(config_.header_bytes_max)},
          {"max_body_size", text(config_.body_bytes_max)},
          {"streamed_requests", streamed_rules(config_.streamed)},
          {"max_buffered", text(config_.buffered_bytes_max)},
          {"request_timeout_ms", text(config_.request_deadline.count())},
          {"keep_alive_timeout_ms", text(config_.idle_deadline.count())},
          {"write_timeout_ms", text(config_.write_deadline.count())},
          {"enable_keep_alive", "yes"},
          {"tcp_nodelay", "1"},
          {"listen_backlog", "1024"},
          {"decode_url", "no"},  // request_reader does, once
          {"enable_auth_domain_check", "no"},
          {"websocket_timeout_ms", "60000"},
          {"websocket_max_frame", "1048576"},
          {"websocket_max_message", "1048576"}};
}

Result<void> Server::Impl::start() {
  if (config_.workers == 0 || config_.streams_max >= config_.workers)
    return fail(ErrorCode::invalid_argument, "bad-stream-limit",
                "Streams must be fewer than worker threads, else they could take them all.");
  auto const given = options(TRY(listening_ports()));
  std::vector<char const*> list;
  for (auto const& [name, value] : given) list.insert(list.end(), {name, value.c_str()});
  list.push_back(nullptr);

  auto const table = callbacks();
  std::array<char, 256> words{};
  mg_init_data init{};
  init.callbacks = &table;
  init.user_data = this;
  init.configuration_options = list.data();
  mg_error_data error{};
  error.text = words.data();
  error.text_buffer_size = words.size();
  mg_context* const context = mg_start2(&init, &error);
  {
    std::lock_guard const lock(mutex_);
    context_ = context;
    if (context == nullptr)
      return fail(ErrorCode::unavailable, "cannot-listen",
                  std::format("The web server could not start: {} ({}).", words.data(), start_message_));
  }
  register_websockets();
  if (config_.tls) TRY(set_certificates(config_.tls->certificates));
  if (config_.local) TRY(open_socket_to(config_.local->socket, config_.local->group));
  learn_port();
  return {};
}

void Server::Impl::learn_port() {
  std::array<mg_server_port, 4> listeners{};
  int const count = mg_get_server_ports(context_, static_cast<int>(listeners.size()), listeners.data());
  for (auto const& listener : std::span(listeners).first(static_cast<std::size_t>(std::max(count, 0))))
    if (listener.is_ssl != 0) port_ = static_cast<std::uint16_t>(listener.port);
}

Result<void> Server::Impl::set_certificates(std::vector<CertificateFiles> const& certificates) {
  std::vector<std::string> names;
  for (auto const& certificate : certificates) {
    std::string all;
    for (auto const& name : certificate.names) all += (all.empty() ? "" : " ") + name;
    names.push_back(std::move(all));
  }
  std::vector<mg_certificate> list;
  for (std::size_t i = 0; i < certificates.size(); ++i)
    list.push_back({certificates[i].chain.c_str(), certificates[i].key.c_str(), names[i].c_str()});
  std::array<char, 160> words{};
  if (mg_set_certificates(context_, list.data(), list.size(), words.data(), words.size()) != 0)
    return fail(ErrorCode::corrupt, "bad-certificate",
                std::format("The certificate cannot be used: {}.", words.data()));
  return {};
}

void Server::Impl::stop(std::chrono::milliseconds deadline) {
  mg_context* context = nullptr;
  {
    std::lock_guard const lock(mutex_);
    stopping_ = true;
    context = std::exchange(context_, nullptr);
  }
  if (context == nullptr) return;
  streams_.close_all();
  {
    std::unique_lock lock(mutex_);
    idle_.wait_for(lock, deadline, [&] { return running_ == 0; });
  }
  mg_stop(context);
  if (config_.local) ::unlink(config_.local->socket.c_str());
}

Server::Server(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Server::Server(Server&&) noexcept = default;
Server& Server::operator=(Server&&) noexcept = default;
Server::~Server() = default;

Result<Server> Server::start(Config config, Handler& handler) {
  auto impl = std::make_unique<Impl>(std::move(config), handler);
  TRY(impl->start());
  return Server(std::move(impl));
}

std::uint16_t Server::port() const {
  return impl_->port();
}

Result<void> Server::reload_certificates(std::vector<CertificateFiles> certificates) {
  return impl_->set_certificates(certificates);
}

void Server::stop(std::chrono::milliseconds deadline) {
  impl_->stop(deadline);
}

}  // namespace berth::http
