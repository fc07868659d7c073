#include "firmware/store/ticket_store.hpp"

#include "firmware/store/query.hpp"
#include "firmware/store/rows.hpp"

namespace berth::store {

Result<void> TicketStore::add(Ticket const& ticket) {
  Query q(*scope_,
          "INSERT INTO console_tickets (sha256, node_id, tenant_id, server_id, user_id, session_id, kind, expires_ms) "
          "SELECT ?1, node_id, tenant_id, id, ?3, ?4, ?5, ?6 FROM servers WHERE id = ?2");
  q << ticket.sha256 << ticket.server << ticket.user << ticket.session << ticket.kind << ticket.expires_at;
  if (TRY(q.run()) != 1) return no_such("server");
  return {};
}

Result<Ticket> TicketStore::take(std::string_view sha256, Moment now) {
  Query q(*scope_,
          "DELETE FROM console_tickets WHERE sha256 = ? RETURNING sha256, server_id, user_id, session_id, kind, "
          "expires_ms");
  q << sha256;
  if (!TRY(q.step())) return no_such("ticket");
  Ticket ticket;
  ticket.sha256 = q.text();
  ticket.server = q.id<ServerId>();
  ticket.user = q.optional(&Query::id<UserId>);
  ticket.session = q.optional(&Query::id<SessionId>);
  ticket.kind = q.choice<TicketKind>();
  ticket.expires_at = q.moment();
  TRY(q.run());
  if (ticket.expires_at <= now) return no_such("ticket");
  return ticket;
}

Result<std::int64_t> TicketStore::remove_expired(Moment now) {
  Query q(*scope_, "DELETE FROM console_tickets WHERE expires_ms <= ?");
  q << now;
  return q.run();
}

Result<void> TicketStore::remove_of_server(ServerId const& server) {
  Query q(*scope_, "DELETE FROM console_tickets WHERE server_id = ?");
  q << server;
  TRY(q.run());
  return {};
}

}  // namespace berth::store
