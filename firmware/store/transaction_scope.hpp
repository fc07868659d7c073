// What the tables of one transaction share. Made by Store; used by the classes of this folder.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "firmware/base/clock.hpp"
#include "firmware/base/ids.hpp"

namespace berth::store {

class Connection;

// Who changes something, and when: goes into events, jobs and created_ms columns.
struct Author {
  std::string actor;  // access::Actor::name(): "user:usr_...", "local:0", "reconciler:observe-guests"
  Moment now;
};

// What a transaction added that somebody may be waiting for; handed to the listeners after its commit.
struct Committed {
  std::int64_t last_event = 0;  // highest seq added, 0: none
  std::vector<JobId> jobs;      // that became ready to run
  bool cancellations = false;   // a running job was asked to stop
};

struct TransactionScope {
  Connection& connection;
  Author author;
  Committed committed;
};

}  // namespace berth::store
