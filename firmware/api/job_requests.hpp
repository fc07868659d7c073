// What may be asked about jobs.
#pragma once

#include <optional>

#include "firmware/base/json.hpp"
#include "firmware/store/job_store.hpp"

namespace berth::api {

struct ListJobs {
  std::optional<store::JobState> state;
  std::optional<ServerId> server;
  std::optional<Number<1, 100>> limit;
  std::optional<Text<1, 200>> cursor;
};
BOOST_DESCRIBE_STRUCT(ListJobs, (), (state, server, limit, cursor))

struct ReadJobLog {
  std::optional<Number<0, (1LL << 53) - 1>> after;  // lines with a greater seq
};
BOOST_DESCRIBE_STRUCT(ReadJobLog, (), (after))

}  // namespace berth::api
