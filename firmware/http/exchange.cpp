// One request: read, ask the handler, answer; or become a stream.
#include <chrono>
#include <exception>
#include <optional>
#include <string>

#include "firmware/base/log.hpp"
#include "firmware/http/body_stream.hpp"
#include "firmware/http/event_stream.hpp"
#include "firmware/http/request_reader.hpp"
#include "firmware/http/server_impl.hpp"

namespace berth::http {
namespace {

using SteadyClock = std::chrono::steady_clock;

// The same rule as CivetWeb's, whose own is not public: its answer decides, ours is what the client is told.
bool client_keeps_alive(mg_connection const* connection) {
  auto const* info = mg_get_request_info(connection);
  auto const* field = mg_get_header(connection, "Connection");
  if (field != nullptr) return std::string_view(field) == "keep-alive" || std::string_view(field) == "Keep-Alive";
  return info != nullptr && info->http_version != nullptr && std::string_view(info->http_version) == "1.1";
}

}  // namespace

Server::Impl& Server::Impl::of(mg_connection const* connection) {
  return *static_cast<Impl*>(mg_get_user_data(mg_get_context(connection)));
}

void Server::Impl::log_access(AccessLine const& line) const {
  auto const spent = std::chrono::duration_cast<std::chrono::milliseconds>(SteadyClock::now() - line.since);
  log(LogLevel::info, "http", "request",
      {{"method", std::string(line.method)},
       {"path", std::string(line.path)},
       {"status", std::to_string(line.status)},
       {"duration_ms", std::to_string(spent.count())}});
}

int Server::Impl::on_request(mg_connection* connection) noexcept {
  try {
    return of(connection).exchange(connection);
  } catch (std::exception const& error) {
    log(LogLevel::error, "http", "a handler threw", {{"what", error.what()}});
  } catch (...) {
    log(LogLevel::error, "http", "a handler threw");
  }
  mg_disable_keep_alive(connection);
  return 500;
}

int Server::Impl::exchange(mg_connection* connection) {
  auto const since = SteadyClock::now();
  Running const running(*this);
  auto request = read_request(connection, config_.host_allowed, config_.streamed);
  if (!request) {
    mg_disable_keep_alive(connection);
    int const status = answer(connection, nullptr, problem(request.error()));
    log_access({"-", "-", status, since});
    return status;
  }
  std::optional<BodyStream> body;
  if (is_streamed(*request, config_.streamed))
    request->incoming = &body.emplace(connection, *request, body_length(connection), config_.request_deadline);
  int status = 0;
  auto const upgrade = websocket_upgrade_problem(*request);
  if (stopping()) {
    mg_disable_keep_alive(connection);
    status = answer(connection, &*request, problem(503));
  } else if (upgrade && *upgrade != 0) {
    status = answer(connection, &*request, problem(*upgrade));
  } else if (upgrade) {
    status = accept_websocket(connection, *request, since);
    if (status == 0) return 0;
  } else {
    Response response = problem(500);
    try {
      response = handler_.handle(*request);
    } catch (std::exception const& error) {
      log(LogLevel::error, "http", "a handler threw", {{"path", request->path}, {"what", error.what()}});
    }
    status = response.stream ? run_stream(connection, *request, response)
                             : answer(connection, &*request, std::move(response));
  }
  log_access({to_string(request->method), request->path, status, since});
  return status;
}

int Server::Impl::answer(mg_connection* connection, Request const* request, Response response) {
  if (!is_safe(response)) {
    log(LogLevel::error, "http", "a response had a field or status that cannot be sent");
    response = problem(500);
  }
  ResponseContext context;
  context.head_only = request != nullptr && request->method == Method::head;
  bool const unread = request != nullptr && request->incoming != nullptr && !request->incoming->finished();
  context.keep_alive = request != nullptr && !unread && client_keeps_alive(connection) && !stopping();
  // What was left unread of a body would be taken for the next request.
  if (!context.keep_alive) mg_disable_keep_alive(connection);
  auto bytes = serialize_head(response, context);
  bytes.append(body_of(response, context));
  mg_answer(connection, bytes.data(), bytes.size());  // a client that left needs no answer
  return response.status;
}

int Server::Impl::run_stream(mg_connection* connection, Request const& request, Response const& response) {
  EventStream stream(connection, config_.write_deadline);
  auto const ticket = streams_.enter(response.stream->owner, [closer = stream.closer()] { closer.close(); });
  if (!ticket) return answer(connection, &request, problem(ticket.error()));
  if (!is_safe(response)) return answer(connection, &request, response);
  mg_disable_keep_alive(connection);
  ResponseContext context;
  context.keep_alive = false;
  context.length_known = false;
  if (stream.write(serialize_head(response, context)) && request.method != Method::head) response.stream->run(stream);
  return response.status;
}

int Server::Impl::accept_websocket(mg_connection* connection, Request const& request, SteadyClock::time_point since) {
  auto decision = handler_.accept_websocket(request);
  if (auto* refusal = std::get_if<Response>(&decision)) return answer(connection, &request, std::move(*refusal));
  auto& accepted = std::get<AcceptedWebSocket>(decision);
  std::string const owner = accepted.owner;
  auto socket = std::make_unique<OpenWebSocket>(*this, request.path, since, connection, std::move(accepted));
  auto ticket = streams_.enter(
      owner, [sender = socket->bridge.sender()] { sender.close(CloseCode::going_away, "the server stops"); });
  if (!ticket) return answer(connection, &request, problem(ticket.error()));
  socket->bridge.hold(std::move(*ticket));
  mg_set_user_connection_data(connection, socket.release());  // on_request_end takes it back
  return 0;
}

void Server::Impl::on_request_end(mg_connection const* connection, int) noexcept {
  std::unique_ptr<OpenWebSocket> const socket(static_cast<OpenWebSocket*>(mg_get_user_connection_data(connection)));
  if (!socket) return;
  try {
    of(connection).log_access({"GET", socket->path, 101, socket->since});
  } catch (...) {
    // Out of memory for a log line: the socket ends all the same.
  }
}

void Server::Impl::register_websockets() {
  static constexpr auto find = [](mg_connection const* connection) {
    return static_cast<OpenWebSocket*>(mg_get_user_connection_data(connection));
  };
  mg_set_websocket_handler(
      context_, "**",
      [](mg_connection const* connection, void*) -> int {
        auto const* socket = find(connection);
        if (socket == nullptr) return 1;
        // CivetWeb has no setter for a subprotocol chosen at run time; the field is public and read right after this
        // call.
        if (!socket->bridge.subprotocol().empty())
          const_cast<mg_request_info*>(mg_get_request_info(connection))->acceptedWebSocketSubprotocol =
              socket->bridge.subprotocol().c_str();
        return 0;
      },
      [](mg_connection* connection, void*) {
        auto* socket = find(connection);
        mg_set_websocket_wake(
            connection, socket->bridge.wake_descriptor(),
            [](mg_connection* of_socket, void*) -> int { return find(of_socket)->bridge.wake(); }, nullptr);
        try {
          socket->bridge.opened();
        } catch (std::exception const& error) {
          log(LogLevel::error, "http", "a WebSocket session threw", {{"what", error.what()}});
          socket->bridge.sender().close(CloseCode::internal_error, {});
        }
      },
      [](mg_connection* connection, int first_byte, char* data, std::size_t size, void*) -> int {
        try {
          return find(connection)->bridge.received(static_cast<unsigned>(first_byte), {data, size}) ? 1 : 0;
        } catch (std::exception const& error) {
          log(LogLevel::error, "http", "a WebSocket session threw", {{"what", error.what()}});
          return 0;
        }
      },
      nullptr, nullptr);
}

}  // namespace berth::http
