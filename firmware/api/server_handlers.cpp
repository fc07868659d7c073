#include "firmware/api/server_handlers.hpp"

#include <format>
#include <memory>

#include "firmware/api/job_handlers.hpp"
#include "firmware/services/compute/console_tickets.hpp"
#include "firmware/services/compute/peer_groups.hpp"
#include "firmware/services/compute/server_creation.hpp"
#include "firmware/services/compute/server_deletion.hpp"
#include "firmware/services/compute/server_edit.hpp"
#include "firmware/services/compute/server_listing.hpp"
#include "firmware/services/compute/server_power.hpp"
#include "firmware/services/system/job_control.hpp"

namespace berth::api {
namespace {

compute::NewServer new_server(CreateServer const& wish) {
  compute::NewServer server;
  server.name = wish.name.str();
  server.image = wish.image.str();
  server.plan = wish.plan.str();
  if (wish.hostname) server.hostname = wish.hostname->str();
  if (wish.ssh_keys)
    for (auto const& key : *wish.ssh_keys) server.ssh_keys.push_back(key.str());
  if (wish.password) server.password = wish.password->str();
  server.start = wish.start.value_or(true);
  if (wish.peer_group) server.peer_group = wish.peer_group->str();
  return server;
}

// 202 with the job and the server that it is about.
Result<Accepted> accepted_for(Call& call, JobId const& job, ServerId const& server) {
  auto answer = TRY(accepted(call, job));
  auto const granted = TRY(access::grant_server(call, server, access::Permission::server_view));
  answer.server = view::of(TRY(compute::view_server(call, granted)));
  return answer;
}

}  // namespace

Result<Written<view::ServerList>> list_servers(Exchange& x, Granted<access::Reach> const& reach,
                                               Query<PageQuery> const& page) {
  auto const wish = page_wish(page->limit, page->cursor);
  auto key = std::format("servers {} {} {} {}", reach->tenants.all(), reach->tenants.json(), wish.limit, wish.after);
  auto const generation = x.panel.store.generation();
  if (auto text = x.panel.memo.find(key, generation)) return Written<view::ServerList>{std::move(text)};
  auto const servers = TRY(compute::list_servers(x.call, reach, wish));
  view::ServerList list;
  for (auto const& server : servers.items) list.items.push_back(view::of(server));
  if (!servers.next_cursor.empty()) list.next_cursor = servers.next_cursor;
  auto text = std::make_shared<AnswerMemo::Text const>(AnswerMemo::Text{write_json(list), list.next_cursor});
  x.panel.memo.keep(std::move(key), generation, text);
  return Written<view::ServerList>{std::move(text)};
}

Result<Tagged<view::Server>> show_server(Call& call, Granted<store::Server> const& server) {
  auto const shown = TRY(compute::view_server(call, server));
  return Tagged<view::Server>{view::of(shown), shown.server.version};
}

Result<std::variant<DryRun, Accepted>> create_server(Call& call, Granted<store::Tenant> const& tenant,
                                                     Query<CreateServerQuery> const& query, CreateServer const& wish) {
  if (query->dry_run.value_or(false))
    return DryRun{view::of(TRY(compute::check_new_server(call, tenant, new_server(wish))))};
  auto const made = TRY(compute::create_server(call, tenant, new_server(wish)));
  return TRY(accepted_for(call, made.job, made.server));
}

Result<std::variant<Tagged<view::Server>, Accepted>> edit_server(Call& call, Granted<store::Server> const& server,
                                                                 IfMatch edited, EditServer const& wish) {
  compute::ServerEdit edit;
  if (wish.name) edit.name = wish.name->str();
  if (wish.peer_group)
    edit.peer_group = wish.peer_group->transform([](PeerGroupName const& name) { return name.str(); });
  auto const done = TRY(compute::edit_server(call, server, edit, edited.version));
  if (done.job) return TRY(accepted_for(call, *done.job, server.id()));
  return TRY(show_server(call, server));
}

Result<view::PeerGroupList> list_peer_groups(Call& call, Granted<store::Tenant> const& tenant) {
  return view::of(TRY(compute::list_peer_groups(call, tenant)));
}

Result<view::PeerGroupList> list_server_peer_groups(Call& call, Granted<store::Server> const& server) {
  return view::of(TRY(compute::list_peer_groups(call, server)));
}

Result<Accepted> delete_server(Call& call, Granted<store::Server> const& server) {
  return accepted(call, TRY(compute::delete_server(call, server)));
}

Result<Accepted> power_server(Call& call, Granted<store::Server> const& server, PowerServer const& wish) {
  return accepted_for(call, TRY(compute::power(call, server, wish.act)), server.id());
}

Result<view::JobList> list_server_jobs(Call& call, Granted<store::Server> const& server, Query<PageQuery> const& page) {
  auto const reach = TRY(access::grant_reach(call, access::Permission::job_view));
  store::JobFilter filter;
  filter.server = server.id();
  auto const jobs = TRY(services::list_jobs(call, reach, filter, page_wish(page->limit, page->cursor)));
  view::JobList list;
  for (auto const& job : jobs.items) list.items.push_back(view::of(job));
  if (!jobs.next_cursor.empty()) list.next_cursor = jobs.next_cursor;
  return list;
}

Result<Revealed<view::ConsoleTicket>> create_console_ticket(Call& call, Granted<store::Server> const& server,
                                                            CreateConsoleTicket const& wish) {
  auto const kind = wish.kind == contract::ConsoleKind::vnc ? store::TicketKind::vnc : store::TicketKind::serial;
  auto const ticket = TRY(compute::issue_console_ticket(call, server, kind));
  return Revealed<view::ConsoleTicket>{{ticket.secret, ticket.expires_at, "/api/v1/console?ticket=" + ticket.secret}};
}

}  // namespace berth::api
