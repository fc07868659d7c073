#include "firmware/console/installer_program.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <thread>

#include "firmware/base/descriptor.hpp"
#include "firmware/base/process.hpp"

namespace berth::console {
namespace {

using namespace std::chrono_literals;

constexpr std::chrono::milliseconds look_time = 2min;    // disks that spin up
constexpr std::chrono::milliseconds install_time = 24h;  // the slowest stick and the largest mirror

// Calls `take` with every line until the other end closes.
void read_lines(int from, std::function<void(std::string_view)> const& take) {
  std::string text;
  std::array<char, 4096> buffer;
  while (true) {
    auto const count = ::read(from, buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return;
    text.append(buffer.data(), static_cast<std::size_t>(count));
    for (std::size_t end; (end = text.find('\n')) != std::string::npos; text.erase(0, end + 1))
      take(std::string_view(text).substr(0, end));
  }
}

}  // namespace

Result<contract::InstallOffer> InstallerProgram::offer() {
  return read_json<contract::InstallOffer>(TRY(run_checked({program_, "offer"}, {.deadline = look_time})));
}

Result<std::optional<contract::SeededInstall>> InstallerProgram::seeded() {
  auto const text = TRY(run_checked({program_, "seed"}, {.deadline = look_time}));
  if (text.empty()) return std::nullopt;
  return TRY(read_json<contract::SeededInstall>(text));
}

Result<void> InstallerProgram::install(contract::InstallWish const& wish,
                                       std::function<void(contract::InstallReport const&)> const& progress) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return fail_errno(errno, "make a pipe");
  Descriptor const read_end(ends[0]);
  auto const input = write_json(wish);
  Result<ProgramOutput> ended;
  std::jthread program([&, write_end = Descriptor(ends[1])]() mutable {
    ended = run_program({program_, "install"},
                        {.deadline = install_time, .input = input, .descriptors = {{write_end.get(), 1}}});
    write_end.reset();  // the reader below sees the end
  });
  std::optional<contract::InstallReport> last;
  read_lines(read_end.get(), [&](std::string_view line) {
    auto report = read_json<contract::InstallReport>(line);
    if (!report) return;
    last = *report;
    progress(*report);
  });
  program.join();
  if (!ended) return std::unexpected(std::move(ended).error());
  if (last && last->failure) return fail(ErrorCode::io, "install-failed", last->failure->str());
  if (ended->exit_code != 0 || !last || last->step != contract::InstallStep::done)
    return fail(ErrorCode::io, "install-failed", "the installer ended before it was done");
  return {};
}

}  // namespace berth::console
