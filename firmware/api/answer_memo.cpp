#include "firmware/api/answer_memo.hpp"

#include <utility>

namespace berth::api {

std::shared_ptr<AnswerMemo::Text const> AnswerMemo::find(std::string const& key, std::uint64_t generation) const {
  std::scoped_lock lock(mutex_);
  if (generation != generation_) return nullptr;
  auto const found = texts_.find(key);
  return found == texts_.end() ? nullptr : found->second;
}

void AnswerMemo::keep(std::string key, std::uint64_t generation, std::shared_ptr<Text const> text) {
  std::scoped_lock lock(mutex_);
  if (generation < generation_) return;
  if (generation > generation_ || texts_.size() >= texts_max) texts_.clear();
  generation_ = generation;
  texts_.insert_or_assign(std::move(key), std::move(text));
}

}  // namespace berth::api
