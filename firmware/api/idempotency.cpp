#include "firmware/api/idempotency.hpp"

#include <format>

#include "firmware/api/problem.hpp"
#include "firmware/api/route.hpp"
#include "firmware/base/log.hpp"
#include "firmware/base/random.hpp"

namespace berth::api {
namespace {

constexpr std::size_t key_bytes_max = 255;

bool is_key(std::string_view key) {
  if (key.empty() || key.size() > key_bytes_max) return false;
  for (char c : key)
    if (c < 0x21 || c > 0x7e) return false;
  return true;
}

Result<http::Response> kept_answer(store::IdempotentAnswer const& kept, std::string const& body_sha256) {
  if (kept.body_sha256 != body_sha256)
    return fail(ErrorCode::invalid_argument, "idempotency-key-reused", "This Idempotency-Key was used for another request.");
  if (kept.status == 0)
    return fail(ErrorCode::conflict, "request-under-way", "The first request with this Idempotency-Key is still under way.");
  http::Response response;
  response.status = kept.status;
  response.headers.add("Content-Type", "application/json");
  response.headers.add("Cache-Control", "no-store");
  response.headers.add("Idempotency-Replayed", "true");
  if (!kept.location.empty()) response.headers.add("Location", kept.location);
  response.body = kept.body;
  return response;
}

}  // namespace

Result<http::Response> IdempotentRequests::once(Exchange& x, Route const& route, Act const& act) const {
  auto const header = x.request.headers.find("Idempotency-Key");
  if (!header || !route.endpoint.replayable || route.method != Method::post) return act();
  if (!is_key(*header)) return fail_field("Idempotency-Key", "must be 1 to 255 visible ASCII characters");
  std::string const key(*header);
  auto const caller = x.call.actor.name();
  auto const where = std::format("POST {}{}{}", x.request.path, x.request.query.empty() ? "" : "?", x.request.query);
  auto const body_sha256 = sha256_hex(x.request.body);

  // Not for a power cut: the act's own commit makes an earlier claim durable too.
  auto const keep = [&](auto&& f) { return x.call.store.write(store::Author{caller, x.call.now}, f, store::Durability::process); };
  auto const claimed = TRY(keep([&](store::Transaction& tx) { return tx.idempotency.claim(caller, where, key, body_sha256); }));
  if (!claimed) {
    auto const kept = TRY(x.call.read([&](store::Snapshot& snapshot) { return snapshot.idempotency.find(caller, where, key); }));
    if (kept) return kept_answer(*kept, body_sha256);
    // Given back between the two looks: the first one failed.
    return fail(ErrorCode::conflict, "request-under-way", "The first request with this Idempotency-Key was still under way.");
  }
  auto response = act();
  // A refusal changed nothing, so the same key may be tried again with a mended request.
  bool const worked = response && response->status < 300;
  auto const settled = keep([&](store::Transaction& tx) -> Result<void> {
    if (!worked) return tx.idempotency.release(caller, where, key);
    auto const location = response->headers.find("Location");
    return tx.idempotency.answer(caller, where, key, response->status, location.value_or(""), response->body);
  });
  if (!settled) log(LogLevel::error, "api", "an idempotent answer could not be kept", {{"error", describe(settled.error())}});
  return response;
}

}  // namespace berth::api
