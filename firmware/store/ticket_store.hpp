// Console tickets: short-lived, single use, stored as SHA-256.
#pragma once

#include <boost/describe.hpp>
#include <optional>
#include <string>

#include "firmware/base/clock.hpp"
#include "firmware/base/ids.hpp"
#include "firmware/base/result.hpp"
#include "firmware/store/transaction_scope.hpp"

namespace berth::store {

enum class TicketKind { serial, vnc };
BOOST_DESCRIBE_ENUM(TicketKind, serial, vnc)

struct Ticket {
  std::string sha256;
  ServerId server;
  std::optional<UserId> user;  // absent: the local administrator
  std::optional<SessionId> session;
  TicketKind kind = TicketKind::serial;
  Moment expires_at;
};

class TicketStore {
 public:
  explicit TicketStore(TransactionScope& scope) : scope_(&scope) {}
  Result<void> add(Ticket const& ticket);
  // Takes it out: the second taker gets not_found, as does one who comes too late.
  Result<Ticket> take(std::string_view sha256, Moment now);
  Result<std::int64_t> remove_expired(Moment now);
  Result<void> remove_of_server(ServerId const& server);

 private:
  TransactionScope* scope_;
};

}  // namespace berth::store
