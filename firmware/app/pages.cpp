#include "firmware/app/pages.hpp"

#include <memory>

#include "firmware/http/static_assets.hpp"

namespace berth::app {

api::Pages pages() {
  // The addresses of web/shell/app.tsx, which a test compares: a reload or a bookmark of them gets the front page.
  auto assets = std::make_shared<http::StaticAssets const>(
      http::embedded_assets(),
      std::vector<std::string>{"/", "/setup", "/sign-in", "/servers", "/servers/new", "/servers/:server",
                               "/servers/:server/console", "/servers/:server/activity", "/activity", "/system",
                               "/system/updates", "/system/network", "/system/time", "/system/ssh", "/system/support",
                               "/account"});
  return [assets](http::Request const& request) { return assets->respond(request); };
}

}  // namespace berth::app
