// One act of one caller: what every service is called with. Lives as long as a request or a reconciler's run; not
// shared between threads.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <type_traits>
#include <utility>

#include "firmware/access/granted.hpp"
#include "firmware/base/clock.hpp"
#include "firmware/store/store.hpp"

namespace berth::services {

using access::Granted;

// What an installation is configured with; made once at start-up.
struct Settings {
  std::chrono::seconds console_ticket_life{60};
  std::chrono::seconds shutdown_timeout{60};  // how long a guest may take to shut down in order
  // An engine that has not answered for this long makes the state of its guests unknown.
  std::chrono::seconds engine_silence{20};
  std::chrono::days jobs_kept{90};
  std::chrono::days events_kept{30};
  std::chrono::hours idempotency_kept{24};
};

struct Call : access::Caller {
  Call(store::Store& store, access::Actor actor, Moment now, Settings const& settings)
      : Caller{store, std::move(actor)}, now(now), settings(settings) {}

  Moment now;
  Settings const& settings;
  // Added to every transaction that succeeds: what must be true exactly when the act is (api/idempotency.cpp).
  std::function<Result<void>(store::Transaction&)> also;

  // store.write as this caller, now.
  template <class F>
  auto write(F&& f, store::Durability durability = store::Durability::power) {
    using R = std::invoke_result_t<F, store::Transaction&>;
    return store.write(
        store::Author{actor.name(), now},
        [&](store::Transaction& tx) -> R {
          R result = f(tx);
          if (result && also) TRY(also(tx));
          return result;
        },
        durability);
  }
  template <class F>
  auto read(F&& f) const {
    return store.read(std::forward<F>(f));
  }
};

}  // namespace berth::services
