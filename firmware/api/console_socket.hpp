// GET /api/v1/console?ticket=...: the WebSocket of a server's console.
#pragma once

#include "firmware/api/console_pump.hpp"
#include "firmware/api/panel.hpp"
#include "firmware/http/handler.hpp"

namespace berth::api {

inline constexpr char console_path[] = "/api/v1/console";

// Checks Origin (over TLS), takes the ticket, opens the guest's console. A bad ticket or a guest that is not there is told
// by a close code on an open WebSocket, because browsers hide the answer to a refused handshake from scripts.
// Errors: forbidden ("wrong-origin"), invalid_argument.
Result<http::AcceptedWebSocket> accept_console(Panel& panel, http::Request const& request);

// Whether `origin` is the origin of a page that https://`host` served (RFC 6454 section 7). Pure.
bool is_same_origin(std::string_view origin, std::string_view host);
// Whether a Sec-WebSocket-Protocol field offers `protocol` (RFC 6455 section 11.3.4). Pure.
bool offers_subprotocol(std::string_view field, std::string_view protocol);

}  // namespace berth::api
