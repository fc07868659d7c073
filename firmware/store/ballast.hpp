// Room set aside on the disk of the panel's database, for the day on which something else has filled it: a file beside
// it ("<file>.reserve") whose blocks are taken. When SQLite says that the disk is full, the store gives the room back to
// the file system and tries that transaction once more, so that whoever administers the machine can still sign in and
// delete what fills it; the store takes the room again as soon as there is plenty. What people and their jobs write may
// have it; what reconcilers write may not, they would use it up unasked.
//
// It is no promise: what else writes to the same disk may be faster. Not thread-safe.
#pragma once

#include <cstdint>
#include <filesystem>

namespace berth::store {

class Ballast {
 public:
  static constexpr std::uint64_t bytes = 8 << 20;  // some thousand transactions
  static constexpr std::uint64_t room_wanted = 4;  // it is taken when this many times as much is free
  explicit Ballast(std::filesystem::path const& database);

  bool held() const { return held_; }
  // Takes the room when there is plenty and it is not held yet. On failure it is not held: a full disk is no reason not
  // to serve.
  void take();
  // False when there was nothing to give back.
  bool give_back();

 private:
  std::filesystem::path file_;
  bool held_ = false;
};

}  // namespace berth::store
