#include "drivers/container/folder_watch.hpp"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace berth::container {

FolderWatch::FolderWatch()
    : events_(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK)),
      wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      thread_([this](std::stop_token const& stop) { run(stop); }) {}

FolderWatch::~FolderWatch() {
  thread_.request_stop();
  std::uint64_t const one = 1;
  [[maybe_unused]] auto n = ::write(wake_.get(), &one, sizeof one);
  thread_.join();
}

Result<void> FolderWatch::watch(std::filesystem::path const& folder, std::string name, Act act) {
  std::lock_guard lock(mutex_);
  int const number = ::inotify_add_watch(events_.get(), folder.c_str(), IN_MOVED_TO | IN_CLOSE_WRITE | IN_ONLYDIR);
  if (number < 0) return fail_errno(errno, "watch " + folder.string());
  watched_.insert_or_assign(number, Watched{std::move(name), std::move(act)});
  return {};
}

void FolderWatch::run(std::stop_token const& stop) {
  while (!stop.stop_requested()) {
    std::array<pollfd, 2> ready{{{events_.get(), POLLIN, 0}, {wake_.get(), POLLIN, 0}}};
    if (::poll(ready.data(), ready.size(), -1) > 0 && ready[0].revents != 0) take_events();
  }
}

void FolderWatch::take_events() {
  alignas(inotify_event) std::array<char, 4096> buffer;
  auto const count = ::read(events_.get(), buffer.data(), buffer.size());
  std::lock_guard lock(mutex_);
  for (std::size_t at = 0; count > 0 && at + sizeof(inotify_event) <= static_cast<std::size_t>(count);) {
    inotify_event event;
    std::memcpy(&event, buffer.data() + at, sizeof event);
    std::string_view const name = event.len == 0 ? std::string_view() : buffer.data() + at + sizeof event;
    at += sizeof event + event.len;
    auto const found = watched_.find(event.wd);
    if (found == watched_.end()) continue;
    if (event.mask & IN_IGNORED)  // the folder went
      watched_.erase(found);
    else if (name == found->second.name)
      found->second.act();
  }
}

}  // namespace berth::container
