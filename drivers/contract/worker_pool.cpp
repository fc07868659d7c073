#include "drivers/contract/worker_pool.hpp"

namespace berth::contract {

WorkerPool::~WorkerPool() {
  std::deque<std::move_only_function<void()>> dropped;
  {
    std::lock_guard lock(mutex_);
    closing_ = true;
    dropped.swap(waiting_);
  }
  more_.notify_all();
  threads_.clear();
}

bool WorkerPool::submit(std::move_only_function<void()> work) {
  std::lock_guard lock(mutex_);
  if (closing_ || waiting_.size() >= waiting_max_) return false;
  waiting_.push_back(std::move(work));
  if (idle_ < waiting_.size() && threads_.size() < threads_max_) threads_.emplace_back([this] { run(); });
  more_.notify_one();
  return true;
}

void WorkerPool::run() {
  std::unique_lock lock(mutex_);
  while (true) {
    ++idle_;
    more_.wait(lock, [this] { return closing_ || !waiting_.empty(); });
    --idle_;
    if (closing_) return;
    auto work = std::move(waiting_.front());
    waiting_.pop_front();
    lock.unlock();
    work();
    work = nullptr;  // what it holds is let go before the lock is taken again
    lock.lock();
  }
}

}  // namespace berth::contract
