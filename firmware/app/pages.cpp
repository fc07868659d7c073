#include "firmware/app/pages.hpp"

namespace berth::app {

api::Pages pages() {
  return [](http::Request const&) -> std::optional<http::Response> { return std::nullopt; };
}

}  // namespace berth::app
