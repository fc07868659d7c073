// A small file system of a test's own, which ends with it. Needs root: without, it is not ready().
#pragma once

#include <sched.h>
#include <sys/mount.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "tests/support/temporary_folder.hpp"

namespace berth::support {

class SmallDisk {
 public:
  explicit SmallDisk(char const* size) {
    ready_ = ::unshare(CLONE_NEWNS) == 0 && ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
             ::mount("small", folder_.path().c_str(), "tmpfs", 0, (std::string("size=") + size).c_str()) == 0;
  }
  SmallDisk(SmallDisk const&) = delete;
  SmallDisk& operator=(SmallDisk const&) = delete;
  ~SmallDisk() {
    if (ready_) ::umount2(folder_.path().c_str(), MNT_DETACH);
  }
  bool ready() const { return ready_; }
  // Something else takes all that is free; and gives it back.
  void fill() const {
    std::ofstream filler(folder_.path() / "filler");
    std::string const block(4096, 'x');
    while (filler.write(block.data(), static_cast<std::streamsize>(block.size())) && filler.flush()) {
    }
  }
  void free_again() const { std::filesystem::remove(folder_.path() / "filler"); }
  std::filesystem::path const& path() const { return folder_.path(); }

 private:
  TemporaryFolder folder_;
  bool ready_ = false;
};

}  // namespace berth::support
