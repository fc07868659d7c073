// Threads for calls that block. Started when needed, up to a bound; so is the queue before them.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace berth::contract {

// Thread-safe.
class WorkerPool {
 public:
  WorkerPool(std::size_t threads_max, std::size_t waiting_max) : threads_max_(threads_max), waiting_max_(waiting_max) {}
  // Drops what still waits, and joins what runs.
  ~WorkerPool();
  WorkerPool(WorkerPool const&) = delete;
  WorkerPool& operator=(WorkerPool const&) = delete;

  // False when the queue is full; then `work` was not taken.
  bool submit(std::move_only_function<void()> work);

 private:
  void run();

  std::size_t const threads_max_;
  std::size_t const waiting_max_;
  std::mutex mutex_;
  std::condition_variable more_;
  std::deque<std::move_only_function<void()>> waiting_;
  std::size_t idle_ = 0;
  bool closing_ = false;
  std::vector<std::jthread> threads_;
};

}  // namespace berth::contract
