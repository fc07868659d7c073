// A container's definition as it is kept: what was asked, and the ids it was given.
#pragma once

#include <cstdint>
#include <filesystem>
#include <mutex>

#include "drivers/contract/types.hpp"
#include "drivers/kernel/user_namespace.hpp"

namespace berth::container {

struct Record {
  contract::GuestSpec spec;
  Number<1, kernel::range_count - 1> range;  // number of its id range (kernel::range_base); unique among the records
};
BOOST_DESCRIBE_STRUCT(Record, (), (spec, range))

// The records below state/guests/GUEST/container.json. Thread-safe; two processes over one folder are not foreseen.
class Records {
 public:
  explicit Records(std::filesystem::path state) : guests_(std::move(state) / "guests") {}

  // Errors: not_found.
  Result<Record> find(contract::GuestId const& guest) const;
  bool knows(contract::GuestId const& guest) const;
  // Writes it durably; a new guest gets a free range, a known one keeps its own. Errors: exhausted (ranges).
  Result<Record> keep(contract::GuestSpec const& spec);
  // Absent is fine.
  Result<void> forget(contract::GuestId const& guest);
  Result<std::vector<contract::GuestId>> guests() const;

 private:
  std::filesystem::path file(contract::GuestId const& guest) const { return guests_ / guest.str() / "container.json"; }
  std::filesystem::path guests_;
  std::mutex ranges_;  // held from choosing a range until it is on the disk
};

}  // namespace berth::container
