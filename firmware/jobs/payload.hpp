// What travels in a job's row beside its server and tenant.
#pragma once

#include <boost/describe.hpp>
#include <optional>
#include <string>

#include "firmware/base/json_reply.hpp"
#include "firmware/store/job_store.hpp"
#include "firmware/store/server_store.hpp"

namespace berth::jobs {

// In `wanted`: what the job's wish made of it.
struct WantedPayload {
  store::WantedState from = store::WantedState::stopped;
  store::WantedState to = store::WantedState::stopped;
};
BOOST_DESCRIBE_STRUCT(WantedPayload, (), (from, to))

struct ServerPayload {
  std::string name;  // as it was called then; the server may be gone when the job ends
  bool start = false;
  int timeout_s = 0;
  bool force = false;
  std::optional<WantedPayload> wanted;  // absent: the wish for this job changed nothing
  std::string peer_group;               // to be in; "": in none
};
BOOST_DESCRIBE_STRUCT(ServerPayload, (), (name, start, timeout_s, force, wanted, peer_group))

struct ImagePayload {
  std::string image;
  std::string name;
};
BOOST_DESCRIBE_STRUCT(ImagePayload, (), (image, name))

template <class P>
Result<P> payload_of(std::string_view text) {
  return from_reply<P>(TRY(parse_json(text)));
}
template <class P>
Result<P> payload_of(store::Job const& job) {
  return payload_of<P>(std::string_view(job.payload));
}

}  // namespace berth::jobs
