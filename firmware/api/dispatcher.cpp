#include "firmware/api/dispatcher.hpp"

#include "firmware/api/console_socket.hpp"
#include "firmware/api/openapi.hpp"
#include "firmware/api/problem.hpp"
#include "firmware/base/log.hpp"
#include "firmware/base/random.hpp"
#include "firmware/services/accounts/sessions.hpp"

namespace berth::api {
namespace {

// Browsers say what a request is for (Fetch Metadata); an unsafe request that another site made is refused even before
// its token is looked at.
bool from_another_site(http::Request const& request) {
  auto const site = request.headers.find("Sec-Fetch-Site");
  return site && *site != "same-origin" && *site != "none";
}

Result<void> check_forgery(Exchange const& x, Route const& route) {
  if (!route.unsafe() || x.request.local_peer) return {};
  auto const forged = [] {
    return fail(ErrorCode::forbidden, "csrf", "The request does not carry this session's X-Berth-CSRF.");
  };
  if (from_another_site(x.request)) return forged();
  if (route.rule.kind() == Rule::Kind::open) return {};
  auto const token = x.request.headers.find("X-Berth-CSRF");
  if (!token || !equal_constant_time(*token, x.csrf_token)) return forged();
  return {};
}

http::Response openapi_response() {
  http::Response response;
  response.headers.add("Content-Type", "application/json");
  response.headers.add("Cache-Control", "no-cache");
  response.static_body = openapi_document();
  return response;
}

}  // namespace

http::Response Dispatcher::handle(http::Request const& request) {
  if (request.path == "/api" || request.path.starts_with("/api/")) return call_api(request);
  if (auto page = pages_(request)) return *std::move(page);
  return problem_response(Error{ErrorCode::not_found, "not-found", "There is nothing at this address."});
}

http::Response Dispatcher::call_api(http::Request const& request) {
  if (request.path == "/api/openapi.json" && (request.method == Method::get || request.method == Method::head))
    return openapi_response();
  std::string_view path = request.path;
  if (!path.starts_with(base_path) || path.size() == std::string_view(base_path).size())
    return problem_response(Error{ErrorCode::not_found, "not-found", "There is nothing at this address."});
  path.remove_prefix(std::string_view(base_path).size());
  auto response = dispatch(request, path);
  if (response) return *std::move(response);
  auto const& error = response.error();
  if (status_of(error) == 500)
    log(LogLevel::error, "api", "a request failed",
        {{"method", std::string(http::to_string(request.method))}, {"path", request.path}, {"error", describe(error)}});
  auto refusal = problem_response(error);
  if (refusal.status == 405) refusal.headers.add("Allow", allowed_methods(path));
  return refusal;
}

Result<Exchange> Dispatcher::identify(http::Request const& request) {
  auto const now = panel_.clock.now();
  auto const as = [&](access::Actor actor) {
    return Exchange{request, panel_, services::Call(panel_.store, std::move(actor), now, panel_.settings), {}, {}, 0,
                    {},      {}};
  };
  auto const token = http::cookie(request.headers, session_cookie);
  // Who shows a session there as well is whom it belongs to, and no more than that.
  if (request.local_peer && !token) {
    auto const uid = request.local_peer->uid;
    // The socket is for the machine's own administrators: whoever else can open it is nobody.
    return as(uid == 0 || uid == panel_.own_uid ? access::Actor::local_administrator(uid) : access::Actor::nobody());
  }
  if (!token || token->empty()) return as(access::Actor::nobody());
  auto known = accounts::authenticate(panel_.store, *token, now);
  if (!known) {
    if (known.error().code == ErrorCode::unauthenticated) return as(access::Actor::nobody());
    return std::unexpected(std::move(known).error());
  }
  auto exchange = as(std::move(known->actor));
  exchange.token = *token;
  exchange.csrf_token = std::move(known->csrf_token);
  return exchange;
}

Result<http::Response> Dispatcher::dispatch(http::Request const& request, std::string_view path) {
  auto const found = TRY(find_route(request.method, path));
  auto const& route = *found.route;
  auto exchange = TRY(identify(request));
  exchange.path = found.values;
  if (route.rule.kind() != Rule::Kind::open && !exchange.call.actor.signed_in())
    return fail(ErrorCode::unauthenticated, "not-signed-in", "You are not signed in, or your session has ended.");
  TRY(check_forgery(exchange, route));
  if (route.unsafe() && exchange.call.actor.user_id())
    TRY(changes_.admit(exchange.call.actor.name(), panel_.clock.steady()));
  if (route.rule.kind() == Rule::Kind::permission) exchange.permission = route.rule.permission();
  auto response = TRY(idempotent_.once(exchange, route, [&] { return route.endpoint.run(exchange); }));
  if (request.method == Method::head) response.stream.reset();  // headers alone (RFC 9110 section 9.3.2)
  return response;
}

http::WebSocketDecision Dispatcher::accept_websocket(http::Request const& request) {
  if (request.path != console_path)
    return problem_response(Error{ErrorCode::not_found, "not-found", "There is no WebSocket at this address."});
  auto accepted = accept_console(panel_, request);
  if (!accepted) return problem_response(accepted.error());
  return *std::move(accepted);
}

}  // namespace berth::api
