#include "firmware/console/install_progress.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <string>
#include <thread>

namespace berth::console {
namespace {

using namespace std::chrono_literals;

constexpr auto look_every = 300ms;

// What has come since the last look, as whole lines.
Result<void> say_new_lines(int file, std::string& text, std::function<void(std::string_view)> const& say) {
  std::array<char, 4096> buffer;
  while (true) {
    auto const count = ::read(file, buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return fail_errno(errno, "read how far the installation is");
    if (count == 0) break;
    text.append(buffer.data(), static_cast<std::size_t>(count));
  }
  for (std::size_t end; (end = text.find('\n')) != std::string::npos; text.erase(0, end + 1))
    say(std::string_view(text).substr(0, end));
  return {};
}

}  // namespace

Result<std::optional<InstallProgress>> InstallProgress::begin(std::filesystem::path const& file) {
  Descriptor made(::open(file.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!made.valid()) return fail_errno(errno, "say how far the installation is");
  if (::flock(made.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno == EWOULDBLOCK) return std::nullopt;
    return fail_errno(errno, "lock how far the installation is");
  }
  if (::ftruncate(made.get(), 0) != 0) return fail_errno(errno, "say how far the installation is");
  return InstallProgress(std::move(made));
}

void InstallProgress::add(std::string_view line) {
  auto const text = std::string(line) + "\n";
  [[maybe_unused]] auto const written = ::write(file_.get(), text.data(), text.size());
}

Result<void> follow_install(std::filesystem::path const& file, std::function<void(std::string_view)> const& say) {
  Descriptor const seen(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  if (!seen.valid()) return fail_errno(errno, "see how far the installation is");
  std::string text;
  while (true) {
    bool const ended = ::flock(seen.get(), LOCK_SH | LOCK_NB) == 0;  // before the last look: nothing is missed
    TRY(say_new_lines(seen.get(), text, say));
    if (ended) return {};
    std::this_thread::sleep_for(look_every);
  }
}

}  // namespace berth::console
