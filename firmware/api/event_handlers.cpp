#include "firmware/api/event_handlers.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <format>

#include "firmware/base/log.hpp"
#include "firmware/services/accounts/sessions.hpp"

namespace berth::api {
namespace {

constexpr std::size_t batch = 100;
// How long a stream may live on after its session or right is gone.
constexpr std::chrono::seconds recheck_every{2};
constexpr std::chrono::seconds heartbeat_every{15};

struct Beginning {
  std::int64_t after = 0;
  bool missed = false;  // what the caller has not seen cannot all be told
};

Result<Beginning> beginning(Exchange& x) {
  std::optional<std::int64_t> asked;
  if (auto const header = x.request.headers.find("Last-Event-ID")) {
    std::int64_t seq = 0;
    auto const end = header->data() + header->size();
    auto const [at, error] = std::from_chars(header->data(), end, seq);
    if (error != std::errc{} || at != end || seq < 0) return fail_field("Last-Event-ID", FieldRule::bad_event_id);
    asked = seq;
  }
  return x.call.read([&](store::Snapshot& snapshot) -> Result<Beginning> {
    auto const last = TRY(snapshot.events.last_seq());
    if (!asked) return Beginning{last};
    if (*asked > last || *asked + 1 < TRY(snapshot.events.first_seq())) return Beginning{last, true};
    return Beginning{*asked};
  });
}

// One stream's state between two looks. On the stream's own thread.
class Follower {
 public:
  Follower(Panel& panel, access::Actor actor, Beginning const& from)
      : panel_(panel), actor_(std::move(actor)), after_(from.after), missed_(from.missed) {}

  void run(http::StreamWriter& writer) {
    // An id without data: the browser knows where to go on even when nothing happened before it lost the connection.
    if (!writer.write(std::format("retry: 2000\nid: {}\n\n", after_))) return;
    last_write_ = panel_.clock.steady();
    if (missed_ && !send(writer, sse_text(reset()))) return;
    while (writer.open() && !panel_.events.closed()) {
      if (!step(writer)) return;
      panel_.events.wait_beyond(after_, recheck_every);
    }
  }

 private:
  store::Event reset() const {
    store::Event event;
    event.seq = after_;
    event.type = "stream.reset";
    event.at = panel_.clock.now();
    event.actor = "panel";
    event.text = "What happened meanwhile is no longer kept; everything has to be read anew.";
    return event;
  }

  bool step(http::StreamWriter& writer) {
    for (bool more = true; more;) {
      // For each batch: a slow reader with much to catch up on must not outlive its right.
      auto actor = accounts::renew(panel_.store, actor_, panel_.clock.now());
      if (!actor) return false;
      actor_ = *std::move(actor);
      auto const audience = access::grant_events(access::Caller{panel_.store, actor_});
      if (!audience) return false;
      auto const events = panel_.store.read(
          [&](store::Snapshot& snapshot) -> Result<std::pair<std::vector<store::Event>, std::int64_t>> {
            // The end is read in the same snapshot, so that what others may see is passed over once and for all.
            auto const last = TRY(snapshot.events.last_seq());
            return std::pair{TRY(snapshot.events.after(after_, batch, **audience)), last};
          });
      if (!events) {
        log(LogLevel::warning, "api", "an event stream could not be read", {{"error", describe(events.error())}});
        return false;
      }
      std::string text;
      for (auto const& event : events->first) text += sse_text(event), after_ = event.seq;
      more = events->first.size() == batch;
      if (!more) after_ = std::max(after_, events->second);
      if (!text.empty() && !send(writer, text)) return false;
    }
    if (panel_.clock.steady() - last_write_ >= heartbeat_every) return send(writer, ": still here\n\n");
    return true;
  }

  bool send(http::StreamWriter& writer, std::string_view text) {
    last_write_ = panel_.clock.steady();
    return writer.write(text);
  }

  Panel& panel_;
  access::Actor actor_;
  std::int64_t after_;
  bool const missed_;
  std::chrono::steady_clock::time_point last_write_;
};

}  // namespace

std::string sse_text(store::Event const& event) {
  EventData data{event.type,           event.at,          event.actor, event.subject.id,
                 event.subject.server, event.subject.job, event.text};
  // JSON holds no raw line break, so one data line is enough.
  return std::format("id: {}\nevent: {}\ndata: {}\n\n", event.seq, event.type, write_json(data));
}

Result<EventStream> stream_events(Exchange& x, Granted<store::EventAudience> const&) {
  auto const from = TRY(beginning(x));
  auto owner = x.call.actor.name();
  auto follow = [follower = std::make_shared<Follower>(x.panel, x.call.actor, from)](http::StreamWriter& writer) {
    follower->run(writer);
  };
  return EventStream{std::move(follow), std::move(owner)};
}

}  // namespace berth::api
