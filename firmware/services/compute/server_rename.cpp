#include "firmware/services/compute/server_rename.hpp"

#include "firmware/base/text.hpp"
#include "firmware/events/event.hpp"

namespace berth::compute {

Result<store::Server> rename_server(Call& call, Granted<store::Server> const& granted, std::string_view name,
                                    std::int64_t expected_version) {
  if (auto why = why_not_text(name, 1, 63, TextRule::line)) return fail_field("/name", *std::move(why));
  return call.write([&](store::Transaction& tx) -> Result<store::Server> {
    auto const before = TRY(tx.servers.get(granted.id(), store::TenantScope::one(granted->tenant)));
    auto renamed = TRY(tx.servers.rename(before.id, store::TenantScope::one(before.tenant), name, expected_version));
    if (renamed.name != before.name)
      TRY(tx.events.add(events::ServerRenamed{before.tenant, before.id, before.name, renamed.name}));
    return renamed;
  });
}

}  // namespace berth::compute
