// From a Response to bytes on the wire (RFC 9112).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "firmware/http/message.hpp"

namespace berth::http {

struct ResponseContext {
  bool head_only = false;  // HEAD: the length is told, the body is not sent
  bool keep_alive = true;
  bool length_known = true;  // a stream has none and ends with the connection
};

// Whether status and fields may be sent: no CR, LF or NUL lets data become protocol (threat 27). The server answers 500
// in place of a response that is not safe.
[[nodiscard]] bool is_safe(Response const& response);

// Status line and fields of a safe response with the empty line, the security headers included.
[[nodiscard]] std::string serialize_head(Response const& response, ResponseContext const& context);

// The bytes after the head; empty for HEAD, 204 and 304.
[[nodiscard]] std::string_view body_of(Response const& response, ResponseContext const& context);

// RFC 9110 section 5.6.7: "Sun, 06 Nov 1994 08:49:37 GMT".
[[nodiscard]] std::string http_date(std::int64_t unix_seconds);

// A problem document (RFC 9457) for what HTTP itself refuses.
[[nodiscard]] Response problem(int status);

}  // namespace berth::http
