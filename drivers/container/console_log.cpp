#include "drivers/container/console_log.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "firmware/base/descriptor.hpp"
#include "firmware/base/files.hpp"
#include "firmware/base/log.hpp"

namespace berth::container {
namespace {

constexpr char current_name[] = "current";
constexpr char previous_name[] = "previous";

bool same_file(std::filesystem::path const& a, std::filesystem::path const& b) {
  struct stat first{};
  struct stat second{};
  return ::lstat(a.c_str(), &first) == 0 && ::lstat(b.c_str(), &second) == 0 && first.st_ino == second.st_ino;
}

}  // namespace

Result<void> ConsoleLog::begin() const {
  TRY(forget());
  TRY(ensure_directory(folder_.parent_path(), 0711));
  TRY(ensure_directory(folder_, 0700));
  Descriptor const made(::open(file().c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!made.valid()) return fail_errno(errno, "make " + file().string());
  follow();
  return {};
}

void ConsoleLog::follow() const {
  auto const current = folder_ / current_name;
  if (same_file(file(), current)) return;
  ::chmod(file().c_str(), 0600);
  ::rename(current.c_str(), (folder_ / previous_name).c_str());
  // Without it, what the next full file held is lost; the console itself is not.
  if (::link(file().c_str(), current.c_str()) != 0 && errno != ENOENT && errno != EEXIST)
    log(LogLevel::warning, "container", "a console's log is not kept when it is full",
        {{"folder", folder_.string()}, {"error", std::to_string(errno)}});
}

std::string ConsoleLog::recent() const {
  std::string lines;
  auto const add = [&](char const* name) {
    // Larger than it may be: somebody else's.
    if (auto text = read_file(folder_ / name, 2 * bytes_max)) lines += *text;
  };
  add(previous_name);
  add(current_name);
  if (!same_file(file(), folder_ / current_name)) add(file_name);
  auto const text = text_of_log(lines);
  return std::string(last_lines(text, lines_max));
}

Result<void> ConsoleLog::forget() const {
  std::error_code error;
  std::filesystem::remove_all(folder_, error);
  if (error) return fail(ErrorCode::io, "io-error", "remove " + folder_.string() + ": " + error.message());
  return {};
}

std::string text_of_log(std::string_view lines) {
  std::string text;
  while (!lines.empty()) {
    auto const end = lines.find('\n');
    auto line = lines.substr(0, end);
    lines.remove_prefix(end == std::string_view::npos ? lines.size() : end + 1);
    for (int field = 0; field < 2; ++field) {
      auto const blank = line.find(' ');
      line.remove_prefix(blank == std::string_view::npos ? line.size() : blank + 1);
    }
    bool const whole = line.starts_with("F ");
    if (!whole && !line.starts_with("P ")) continue;
    text += line.substr(2);
    if (whole) text += '\n';
  }
  return text;
}

std::string_view last_lines(std::string_view text, std::size_t count) {
  std::size_t ends = 0;  // of lines before the last one
  for (auto at = text.size(); at > 0; --at)
    if (text[at - 1] == '\n' && at != text.size() && ++ends == count) return text.substr(at);
  return text;
}

}  // namespace berth::container
