// The outbox: every fact, once, in the transaction that made it true. The types are in firmware/events.
#pragma once

#include <concepts>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "firmware/base/clock.hpp"
#include "firmware/base/ids.hpp"
#include "firmware/base/result.hpp"
#include "firmware/store/tenant_scope.hpp"
#include "firmware/store/transaction_scope.hpp"

namespace berth::store {

// What an event is about, and so who may see it: staff all of them, members those of their tenants, everybody those
// about themselves.
struct EventSubject {
  std::string id;  // of the thing: "srv_...", "job_...", "usr_..."
  std::optional<TenantId> tenant = std::nullopt;
  std::optional<UserId> user = std::nullopt;
  std::optional<ServerId> server = std::nullopt;
  std::optional<JobId> job = std::nullopt;
};

// Without an audit text an event does not compile.
template <class E>
concept AuditedEvent = requires(E const& event) {
  { E::type } -> std::convertible_to<std::string_view>;
  { event.audit_text() } -> std::same_as<std::string>;
  { event.subject() } -> std::same_as<EventSubject>;
};

struct Event {
  std::int64_t seq = 0;
  std::string type;  // "server.created"
  Moment at;
  std::string actor;
  EventSubject subject;
  std::string text;  // one sentence for a person
};

// Who reads: what they may see.
struct EventAudience {
  TenantScope tenants;
  std::optional<UserId> user = std::nullopt;
};

class EventStore {
 public:
  explicit EventStore(TransactionScope& scope) : scope_(&scope) {}

  // At most `limit` events with seq > after that the audience may see, ascending.
  Result<std::vector<Event>> after(std::int64_t after, std::size_t limit, EventAudience const& audience) const;
  Result<std::int64_t> last_seq() const;
  // Of the oldest event that is still kept; 0 when there is none.
  Result<std::int64_t> first_seq() const;

  template <AuditedEvent E>
  Result<void> add(E const& event) {
    return append(E::type, event.subject(), event.audit_text());
  }

  // At most `limit` of the oldest, up to the first one that is not older; never the last. What stays has no gaps.
  Result<std::int64_t> remove_older(Moment than, std::int64_t limit);

 private:
  Result<void> append(std::string_view type, EventSubject const& subject, std::string_view text);
  TransactionScope* scope_;
};

}  // namespace berth::store
