#include "firmware/services/compute/console_tickets.hpp"

#include "firmware/base/random.hpp"
#include "firmware/events/event.hpp"
#include "firmware/services/compute/server_view.hpp"

namespace berth::compute {

Result<ConsoleTicket> issue_console_ticket(Call& call, Granted<store::Server> const& granted, store::TicketKind kind) {
  constexpr std::size_t secret_bytes = 32;
  ConsoleTicket ticket{random_token(secret_bytes), call.now + call.settings.console_ticket_life};
  return call.write([&](store::Transaction& tx) -> Result<ConsoleTicket> {
    auto const listing = TRY(tx.servers.listing(granted.id(), store::TenantScope::one(granted->tenant)));
    auto const& server = listing.server;
    if (kind == store::TicketKind::vnc && server.kind == store::ServerKind::container)
      return fail(ErrorCode::unsupported, "no-screen", "A container has no screen; open its serial console.");
    auto const state = listing.observation.state;
    if (state != store::ObservedState::running && state != store::ObservedState::paused &&
        state != store::ObservedState::starting)
      return fail(ErrorCode::conflict, "server-not-running", "The server does not run.");
    TRY(tx.tickets.add({sha256_hex(ticket.secret), server.id, call.actor.user_id(), call.actor.session_id(), kind,
                        ticket.expires_at}));
    TRY(tx.events.add(events::ConsoleTicketIssued{server.tenant, server.id, server.name,
                                                  std::string(boost::describe::enum_to_string(kind, ""))}));
    return ticket;
  });
}

Result<store::Ticket> redeem_console_ticket(Call& call, std::string_view secret) {
  return call.write([&](store::Transaction& tx) { return tx.tickets.take(sha256_hex(secret), call.now); });
}

}  // namespace berth::compute
