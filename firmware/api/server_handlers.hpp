// Servers: decode, call, encode.
#pragma once

#include <variant>

#include "firmware/api/answers.hpp"
#include "firmware/api/arguments.hpp"
#include "firmware/api/server_requests.hpp"

namespace berth::api {

// What a server would be, from ?dry_run=true.
struct DryRun {
  view::Server server;
};
BOOST_DESCRIBE_STRUCT(DryRun, (), (server))

Result<Written<view::ServerList>> list_servers(Exchange& x, Granted<access::Reach> const& reach,
                                               Query<PageQuery> const& page);
Result<Tagged<view::Server>> show_server(Call& call, Granted<store::Server> const& server);
Result<std::variant<DryRun, Accepted>> create_server(Call& call, Granted<store::Tenant> const& tenant,
                                                     Query<CreateServerQuery> const& query, CreateServer const& wish);
Result<std::variant<Tagged<view::Server>, Accepted>> edit_server(Call& call, Granted<store::Server> const& server,
                                                                 IfMatch edited, EditServer const& wish);
Result<view::PeerGroupList> list_peer_groups(Call& call, Granted<store::Tenant> const& tenant);
Result<view::PeerGroupList> list_server_peer_groups(Call& call, Granted<store::Server> const& server);
Result<Accepted> delete_server(Call& call, Granted<store::Server> const& server);
Result<Accepted> power_server(Call& call, Granted<store::Server> const& server, PowerServer const& wish);
Result<view::JobList> list_server_jobs(Call& call, Granted<store::Server> const& server, Query<PageQuery> const& page);
Result<Revealed<view::ConsoleTicket>> create_console_ticket(Call& call, Granted<store::Server> const& server,
                                                            CreateConsoleTicket const& wish);

}  // namespace berth::api
