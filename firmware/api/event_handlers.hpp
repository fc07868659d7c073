// The live stream of events.
#pragma once

#include "firmware/api/answers.hpp"
#include "firmware/api/arguments.hpp"

namespace berth::api {

// The JSON after "data:".
struct EventData {
  std::string type;  // "server.created"
  Moment at;
  std::string actor;
  std::string subject;  // id of the thing it is about
  std::optional<ServerId> server;
  std::optional<JobId> job;
  std::string text;  // one sentence for a person
};
BOOST_DESCRIBE_STRUCT(EventData, (), (type, at, actor, subject, server, job, text))

// From after Last-Event-ID, or from now on. Where what follows that id is no longer kept, or the id is none that was ever
// told (another database), the stream begins with a "stream.reset": whoever hears it has missed something, and reads anew.
// Ends within seconds when the caller's session ends.
Result<EventStream> stream_events(Exchange& exchange, Granted<store::EventAudience> const& audience);

// One event as Server-Sent Events write it (WHATWG HTML section 9.2.6). Pure.
std::string sse_text(store::Event const& event);

}  // namespace berth::api
