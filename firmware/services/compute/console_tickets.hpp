// Tickets that open a console: single use, at most Settings::console_ticket_life old, bound to a server and a kind.
#pragma once

#include <string>
#include <string_view>

#include "firmware/services/call.hpp"

namespace berth::compute {

using services::Call;
using services::Granted;

struct ConsoleTicket {
  std::string secret;  // shown once
  Moment expires_at;
};

// Errors: conflict ("server-not-running"), unsupported (a container has no screen).
Result<ConsoleTicket> issue_console_ticket(Call& call, Granted<store::Server> const& server, store::TicketKind kind);

// Takes the ticket. Errors: not_found (unknown, used, too late). The caller checks the right again with
// access::grant_server(server_console) as the ticket's user, now and every few seconds while the console is open.
Result<store::Ticket> redeem_console_ticket(Call& call, std::string_view secret);

}  // namespace berth::compute
