// What travels in a job's row beside its server and tenant.
#pragma once

#include <boost/describe.hpp>
#include <string>

#include "firmware/base/json_reply.hpp"
#include "firmware/store/job_store.hpp"

namespace berth::jobs {

struct ServerPayload {
  std::string name;  // as it was called then; the server may be gone when the job ends
  bool start = false;
  int timeout_s = 0;
  bool force = false;
};
BOOST_DESCRIBE_STRUCT(ServerPayload, (), (name, start, timeout_s, force))

struct ImagePayload {
  std::string image;
  std::string name;
};
BOOST_DESCRIBE_STRUCT(ImagePayload, (), (image, name))

template <class P>
Result<P> payload_of(store::Job const& job) {
  return from_reply<P>(TRY(parse_json(job.payload)));
}

}  // namespace berth::jobs
