#include "firmware/services/compute/server_listing.hpp"

#include "firmware/services/paging.hpp"

namespace berth::compute {

Result<store::Page<ServerView>> list_servers(Call& call, Granted<access::Reach> const& reach,
                                             store::PageWish const& page) {
  TRY(services::check_page<ServerId>(page));
  auto listings = TRY(call.read([&](store::Snapshot& s) { return s.servers.page(reach->tenants, page); }));
  store::Page<ServerView> views;
  views.items.reserve(listings.items.size());
  for (auto& listing : listings.items) views.items.push_back(view_of(std::move(listing)));
  views.next_cursor = std::move(listings.next_cursor);
  return views;
}

Result<ServerView> view_server(Call& call, Granted<store::Server> const& server) {
  return view_of(TRY(call.read(
      [&](store::Snapshot& s) { return s.servers.listing(server.id(), store::TenantScope::one(server->tenant)); })));
}

}  // namespace berth::compute
