#include "firmware/fallback/page.hpp"

#include <format>

namespace berth::fallback {
namespace {

constexpr char retry_after_s[] = "60";

std::string escaped(std::string_view text) {
  std::string out;
  for (char c : text) switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        out += c;
    }
  return out;
}

}  // namespace

std::string page(std::string_view reason) {
  return std::format(R"(<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Berth: the panel does not answer</title>
</head>
<body>
<h1>The panel of this machine does not answer</h1>
<p>It was started three times and ended each time. It is tried again every five minutes. Servers that run go on running.</p>
<h2>Why</h2>
<p>{}</p>
<h2>What to do</h2>
<p>Open the console: at the machine's screen and keyboard, on its serial port, or by SSH if that is switched on.</p>
<ul>
<li>Its first page shows the machine's state. Press Enter.</li>
<li>Logs, Panel: what the panel said last.</li>
<li>Restart, power off, rescue: restart the panel. Servers go on running.</li>
<li>Releases: choose the release that the next restart takes. One that is older may not be able to open today's database; the other one is chosen in the same place.</li>
<li>Support bundle: logs and settings for whoever helps, on a USB stick or by SSH.</li>
</ul>
</body>
</html>
)",
                     escaped(reason));
}

http::Response Page::handle(http::Request const&) {
  http::Response response;
  response.status = 503;
  response.headers.add("Content-Type", "text/html; charset=utf-8");
  response.headers.add("Retry-After", retry_after_s);
  response.headers.add("Cache-Control", "no-store");
  response.static_body = html_;
  return response;
}

http::WebSocketDecision Page::accept_websocket(http::Request const& request) {
  return handle(request);
}

}  // namespace berth::fallback
