// What is known of the update channel and of what was installed from it by itself. One setting of the panel.
#pragma once

#include <boost/describe.hpp>
#include <cstdint>
#include <string>

#include "firmware/store/store.hpp"

namespace berth::jobs {

struct UpdateRecord {
  std::int64_t checked_ms = 0;  // when the channel was asked last; 0: never
  std::string offered;          // the version that it offered then; "": none was read
  std::string problem;          // why that went wrong; "": it did not
  std::string automatic;        // the version that was installed by itself last
  std::string restarted;        // the version into which the machine was restarted by itself last
};
BOOST_DESCRIBE_STRUCT(UpdateRecord, (), (checked_ms, offered, problem, automatic, restarted))

Result<UpdateRecord> update_record(store::Snapshot& snapshot);
Result<void> keep_update_record(store::Transaction& tx, UpdateRecord const& record);

}  // namespace berth::jobs
