#include "drivers/fake/responder.hpp"

#include <fcntl.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>

namespace berth::fake {
namespace {

constexpr std::size_t out_max = std::size_t{4} * 1024 * 1024;  // who asks without reading is hung up on

}  // namespace

Responder::Responder()
    : wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)), thread_([this](std::stop_token stop) { run(stop); }) {}

Responder::~Responder() {
  thread_.request_stop();
  wake();
  thread_.join();
}

void Responder::wake() {
  std::uint64_t const one = 1;
  [[maybe_unused]] auto n = ::write(wake_.get(), &one, sizeof one);
}

Result<Descriptor> Responder::connect(std::unique_ptr<Session> session, std::string name) {
  int pair[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0) return fail_errno(errno, "opening a console");
  Descriptor ours(pair[0]);
  Descriptor theirs(pair[1]);
  ::fcntl(ours.get(), F_SETFL, O_NONBLOCK);
  auto greeting = session->begin();
  {
    std::lock_guard lock(mutex_);
    talks_.push_back({std::move(ours), std::move(session), std::move(greeting), std::move(name)});
  }
  wake();
  return theirs;
}

void Responder::hang_up(std::string const& name) {
  {
    std::lock_guard lock(mutex_);
    for (auto& talk : talks_) talk.gone = talk.gone || talk.name == name;
  }
  wake();
}

void Responder::run(std::stop_token stop) {
  std::vector<pollfd> watched;
  while (!stop.stop_requested()) {
    watched.clear();
    {
      std::lock_guard lock(mutex_);
      std::erase_if(talks_, [](Talk const& talk) { return talk.gone; });
      for (auto const& talk : talks_)
        watched.push_back({talk.socket.get(), static_cast<short>(talk.out.empty() ? POLLIN : POLLIN | POLLOUT), 0});
    }
    watched.push_back({wake_.get(), POLLIN, 0});
    if (::poll(watched.data(), watched.size(), -1) < 0) continue;
    std::uint64_t count = 0;
    [[maybe_unused]] auto n = ::read(wake_.get(), &count, sizeof count);
    // Only this thread removes talks: the first ones are still those that were watched.
    std::lock_guard lock(mutex_);
    for (std::size_t i = 0; i + 1 < watched.size(); ++i) turn(talks_[i], watched[i].revents);
  }
}

void Responder::turn(Talk& talk, short events) {
  if (talk.gone || events == 0) return;
  if (events & POLLIN) {
    std::array<char, 4096> buffer;
    auto const n = ::recv(talk.socket.get(), buffer.data(), buffer.size(), 0);
    if (n == 0) talk.gone = true;
    if (n > 0) talk.out += talk.session->hear({buffer.data(), static_cast<std::size_t>(n)});
  } else if (events & (POLLHUP | POLLERR)) {
    talk.gone = true;
  }
  if (!talk.out.empty()) {
    auto const n = ::send(talk.socket.get(), talk.out.data(), talk.out.size(), MSG_NOSIGNAL);
    if (n > 0)
      talk.out.erase(0, static_cast<std::size_t>(n));
    else if (n < 0 && errno != EAGAIN && errno != EINTR)
      talk.gone = true;
  }
  if (talk.out.size() > out_max || (talk.session->over() && talk.out.empty())) talk.gone = true;
}

}  // namespace berth::fake
