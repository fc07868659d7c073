#include "firmware/app/pages.hpp"

#include <memory>

#include "firmware/http/static_assets.hpp"

namespace berth::app {

api::Pages pages() {
  // The addresses of web/shell/app.tsx: a reload or a bookmark of them gets the front page.
  auto assets = std::make_shared<http::StaticAssets const>(
      http::embedded_assets(), std::vector<std::string>{"/servers", "/activity", "/account", "/setup", "/sign-in"});
  return [assets](http::Request const& request) { return assets->respond(request); };
}

}  // namespace berth::app
