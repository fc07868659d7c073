// From a CivetWeb connection with a whole request to a checked Request.
#pragma once

#include <expected>
#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "firmware/http/server.hpp"

struct mg_connection;

namespace berth::http {

using HostRule = std::function<bool(std::string_view)>;

// Or the status with which to refuse: 400 for a path or Host that is not well-formed, 421 for a Host that is not ours.
// The body is in it, unless its handler reads it (streamed).
[[nodiscard]] std::expected<Request, int> read_request(mg_connection* connection, HostRule const& host_allowed,
                                                       std::span<StreamedRequest const> streamed = {});
[[nodiscard]] bool is_streamed(Request const& request, std::span<StreamedRequest const> streamed);
// Of the request's Content-Length.
[[nodiscard]] std::uint64_t body_length(mg_connection const* connection);

// host [":" port] of RFC 9110 section 7.2: a registered name of letters, digits, '-' and '.', an IPv4 literal, or an
// IPv6 literal in brackets.
[[nodiscard]] bool is_valid_host(std::string_view host);
[[nodiscard]] std::string_view host_without_port(std::string_view host);

// A well-formed WebSocket upgrade (RFC 6455 section 4.2.1); nullopt when the request asks for none, else 0 or the
// status with which to refuse it.
[[nodiscard]] std::optional<int> websocket_upgrade_problem(Request const& request);

}  // namespace berth::http
