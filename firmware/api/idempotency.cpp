#include "firmware/api/idempotency.hpp"

#include <format>

#include "firmware/api/job_handlers.hpp"
#include "firmware/api/route.hpp"
#include "firmware/base/log.hpp"
#include "firmware/base/random.hpp"
#include "firmware/services/compute/server_listing.hpp"

namespace berth::api {
namespace {

constexpr std::size_t key_bytes_max = 255;

bool is_key(std::string_view key) {
  if (key.empty() || key.size() > key_bytes_max) return false;
  for (char c : key)
    if (c < 0x21 || c > 0x7e) return false;
  return true;
}

std::unexpected<Error> under_way() {
  return fail(ErrorCode::conflict, "request-under-way",
              "The first request with this Idempotency-Key is still under way.");
}

// The body that was lost with the process that made it: the job says it again, as it is now.
Result<std::string> body_of_job(services::Call& call, std::string_view location) {
  auto const id = TRY(JobId::parse(location.substr(location.rfind('/') + 1)));
  auto answer = TRY(accepted(call, id));
  if (answer.job.server) {
    auto const server = access::grant_server(call, *answer.job.server, access::Permission::server_view);
    if (server) answer.server = view::of(TRY(compute::view_server(call, *server)));
  }
  return write_json(answer);
}

Result<http::Response> kept_answer(services::Call& call, store::IdempotentAnswer const& kept,
                                   std::string const& body_sha256) {
  if (kept.body_sha256 != body_sha256)
    return fail(ErrorCode::invalid_argument, "idempotency-key-reused",
                "This Idempotency-Key was used for another request.");
  if (kept.status == 0) return under_way();
  http::Response response;
  response.status = kept.status;
  response.headers.add("Content-Type", "application/json");
  response.headers.add("Cache-Control", "no-store");
  response.headers.add("Idempotency-Replayed", "true");
  if (!kept.location.empty()) response.headers.add("Location", kept.location);
  response.body = kept.body.empty() ? TRY(body_of_job(call, kept.location)) : kept.body;
  return response;
}

}  // namespace

// A key is under way in one request of this process at a time.
class IdempotentRequests::UnderWay {
 public:
  UnderWay(IdempotentRequests& all, std::string name) : all_(all), name_(std::move(name)) {
    std::scoped_lock lock(all_.mutex_);
    mine_ = all_.under_way_.insert(name_).second;
  }
  ~UnderWay() {
    std::scoped_lock lock(all_.mutex_);
    if (mine_) all_.under_way_.erase(name_);
  }
  UnderWay(UnderWay const&) = delete;
  UnderWay& operator=(UnderWay const&) = delete;
  bool mine() const { return mine_; }

 private:
  IdempotentRequests& all_;
  std::string name_;
  bool mine_ = false;
};

Result<http::Response> IdempotentRequests::once(Exchange& x, Route const& route, Act const& act) {
  auto const header = x.request.headers.find("Idempotency-Key");
  if (!header || !route.endpoint.replayable || route.method != Method::post) return act();
  if (!is_key(*header)) return fail_field("Idempotency-Key", FieldRule::bad_idempotency_key);
  std::string const key(*header);
  auto const caller = x.call.actor.name();
  auto const where = std::format("POST {}{}{}", x.request.path, x.request.query.empty() ? "" : "?", x.request.query);
  auto const body_sha256 = sha256_hex(x.request.body);

  UnderWay const running(*this, std::format("{}\n{}\n{}", caller, where, key));
  if (!running.mine()) return under_way();
  auto const kept =
      TRY(x.call.read([&](store::Snapshot& snapshot) { return snapshot.idempotency.find(caller, where, key); }));
  if (kept) return kept_answer(x.call, *kept, body_sha256);

  x.call.also = [&](store::Transaction& tx) -> Result<void> {
    if (!TRY(tx.idempotency.claim(caller, where, key, body_sha256)))
      return {};  // by an earlier transaction of this act
    auto const& jobs = tx.scope->committed.jobs;
    if (jobs.empty()) return {};
    return tx.idempotency.answer(caller, where, key, 202, std::format("{}/jobs/{}", base_path, jobs.front().str()), "");
  };
  auto response = act();
  x.call.also = nullptr;
  if (!response) return response;
  auto const location = response->headers.find("Location");
  auto const settled = x.call.write(
      [&](store::Transaction& tx) {
        return tx.idempotency.answer(caller, where, key, response->status, location.value_or(""), response->body);
      },
      store::Durability::process);
  if (!settled)
    log(LogLevel::error, "api", "an idempotent answer could not be kept", {{"error", describe(settled.error())}});
  return response;
}

}  // namespace berth::api
