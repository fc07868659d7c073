// Tells when a file appears in a folder: conmon writes a container's exit status, and begins a new log, beside the name and
// renames (inotify(7)).
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <mutex>
#include <thread>

#include "firmware/base/descriptor.hpp"
#include "firmware/base/result.hpp"

namespace berth::container {

// Thread-safe.
class FolderWatch {
 public:
  using Act = std::function<void()>;  // short; on the watch's thread or on that of watch(); must not call the watch

  FolderWatch();
  ~FolderWatch();  // nothing is called any more
  FolderWatch(FolderWatch const&) = delete;
  FolderWatch& operator=(FolderWatch const&) = delete;

  // Until the folder goes; a second watch on one folder takes the place of the first. Errors: not_found, exhausted
  // (watches), io.
  Result<void> watch(std::filesystem::path const& folder, std::string name, Act act);

 private:
  struct Watched {
    std::string name;
    Act act;
  };
  void run(std::stop_token const& stop);
  void take_events();

  Descriptor const events_;
  Descriptor const wake_;
  std::mutex mutex_;
  std::map<int, Watched> watched_;  // guarded by mutex_; by watch descriptor
  std::jthread thread_;             // last: it uses what stands above
};

}  // namespace berth::container
