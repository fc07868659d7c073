// The JSON of lists that many browsers look at again and again, remembered until the database changes (store::Store::generation).
// Only for answers that follow from the database, the caller's reach and the query alone. Thread-safe, bounded.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

namespace berth::api {

class AnswerMemo {
 public:
  struct Text {
    std::string json;
    std::optional<std::string> next_cursor;
  };

  // `key` names everything that the answer depends on besides the database. Null: nothing is remembered for it.
  std::shared_ptr<Text const> find(std::string const& key, std::uint64_t generation) const;
  // `generation` was read before the snapshot that the text was made from: a text may be newer than it says, never older.
  void keep(std::string key, std::uint64_t generation, std::shared_ptr<Text const> text);

 private:
  static constexpr std::size_t texts_max = 32;  // of 20 kB or so each

  mutable std::mutex mutex_;
  std::uint64_t generation_ = 0;
  std::unordered_map<std::string, std::shared_ptr<Text const>> texts_;  // of generation_
};

}  // namespace berth::api
