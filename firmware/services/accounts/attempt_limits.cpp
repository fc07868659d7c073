#include "firmware/services/accounts/attempt_limits.hpp"

#include <arpa/inet.h>

#include <array>
#include <span>

#include "firmware/base/random.hpp"

namespace berth::accounts {

Result<void> AttemptLimit::admit(std::string const& key, Steady now) {
  std::scoped_lock lock(mutex_);
  // Seldom, or a flood of keys would make each of its own attempts cost a walk through all of them.
  if (attempts_.size() >= keys_max && now - swept_at_ >= window_ / 8) sweep(now);
  auto const& bucket = attempts_.contains(key) || attempts_.size() < keys_max ? key : std::string();
  auto& times = attempts_[bucket];
  while (!times.empty() && now - times.front() >= window_) times.pop_front();
  if (times.size() < attempts_max_) {
    times.push_back(now);
    return {};
  }
  auto const wait = std::chrono::ceil<std::chrono::seconds>(window_ - (now - times.front()));
  auto failed = fail(ErrorCode::rate_limited, "too-many-attempts", "Too many attempts. Wait before trying again.");
  failed.error().retry_after_s = static_cast<int>(wait.count());
  return failed;
}

void AttemptLimit::forgive(std::string const& key) {
  std::scoped_lock lock(mutex_);
  auto const found = attempts_.find(key);
  if (found == attempts_.end()) return;
  if (!found->second.empty()) found->second.pop_back();
  if (found->second.empty()) attempts_.erase(found);
}

void AttemptLimit::forget(std::string const& key) {
  std::scoped_lock lock(mutex_);
  attempts_.erase(key);
}

void AttemptLimit::sweep(Steady now) {
  swept_at_ = now;
  std::erase_if(attempts_,
                [&](auto const& entry) { return entry.second.empty() || now - entry.second.back() >= window_; });
}

std::string address_key(std::string_view ip) {
  std::array<unsigned char, 16> bytes{};
  std::string const text(ip);
  if (inet_pton(AF_INET6, text.c_str(), bytes.data()) != 1) return text;
  return hex(std::span(bytes).first(8));
}

}  // namespace berth::accounts
