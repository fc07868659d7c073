#include "drivers/container/user.hpp"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <optional>

#include "firmware/base/descriptor.hpp"

namespace berth::container {
namespace {

constexpr std::size_t file_bytes_max = 1 << 20;
constexpr std::uint32_t id_max = 65535;
constexpr std::size_t groups_max = 64;

std::unexpected<Error> refuse(std::string message) {
  return fail(ErrorCode::invalid_argument, "image-refused", std::move(message));
}

bool all_digits(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

std::optional<std::uint32_t> id(std::string_view text) {
  std::uint32_t value = 0;
  auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value > id_max) return std::nullopt;
  return value;
}

// The lines of a file inside the tree, split at colons. A file that is absent, or no regular file, has none.
Result<std::vector<std::vector<std::string>>> lines_of(std::filesystem::path const& tree, char const* name) {
  std::vector<std::vector<std::string>> lines;
  Descriptor const root(::open(tree.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!root.valid()) return fail_errno(errno, "open " + tree.string());
  open_how how{};
  how.flags = O_RDONLY | O_NONBLOCK | O_CLOEXEC;
  how.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS;
  Descriptor const file(static_cast<int>(::syscall(SYS_openat2, root.get(), name, &how, sizeof how)));
  struct stat facts{};
  if (!file.valid() || ::fstat(file.get(), &facts) != 0 || !S_ISREG(facts.st_mode)) return lines;
  std::string text(std::min<std::size_t>(static_cast<std::size_t>(facts.st_size), file_bytes_max), '\0');
  auto const count = ::pread(file.get(), text.data(), text.size(), 0);
  if (count < 0) return fail_errno(errno, "read the image's users");
  text.resize(static_cast<std::size_t>(count));
  for (std::size_t at = 0; at < text.size();) {
    auto const end = std::min(text.find('\n', at), text.size());
    auto& fields = lines.emplace_back(1);
    for (; at < end; ++at) {
      if (text[at] == ':')
        fields.emplace_back();
      else
        fields.back() += text[at];
    }
    ++at;
  }
  return lines;
}

Result<std::uint32_t> find_group(std::filesystem::path const& tree, std::string_view wish) {
  if (all_digits(wish)) {
    auto const value = id(wish);
    if (!value) return refuse("The image's group is outside 0 to 65535.");
    return *value;
  }
  for (auto const& line : TRY(lines_of(tree, "etc/group")))
    if (line.size() >= 3 && line[0] == wish)
      if (auto const value = id(line[2])) return *value;
  return refuse("The image's group does not exist in it.");
}

Result<void> add_groups_of(std::filesystem::path const& tree, std::string_view name, User& user) {
  for (auto const& line : TRY(lines_of(tree, "etc/group"))) {
    if (line.size() < 4 || user.groups.size() >= groups_max) continue;
    auto const value = id(line[2]);
    auto const padded = "," + line[3] + ",";
    if (value && padded.contains("," + std::string(name) + ",")) user.groups.push_back(*value);
  }
  return {};
}

}  // namespace

Result<User> find_user(std::filesystem::path const& tree, std::string_view wish) {
  User user;
  auto const colon = wish.find(':');
  auto const name = wish.substr(0, colon);
  bool const numeric = all_digits(name);
  auto const number = numeric ? id(name) : std::optional<std::uint32_t>(0);
  if (!number) return refuse("The image's user is outside 0 to 65535.");
  user.uid = *number;

  bool known = false;
  for (auto const& line : TRY(lines_of(tree, "etc/passwd"))) {
    if (line.size() < 6) continue;
    auto const uid = id(line[2]);
    auto const gid = id(line[3]);
    if (!uid || !gid) continue;
    bool const match = name.empty() ? *uid == 0 : (numeric ? *uid == user.uid : line[0] == name);
    if (!match) continue;
    user.uid = *uid;
    user.gid = *gid;
    if (line[5].starts_with('/') && !line[5].contains('\0')) user.home = line[5];
    if (colon == std::string_view::npos) TRY(add_groups_of(tree, line[0], user));
    known = true;
    break;
  }
  if (!known && !name.empty() && !numeric) return refuse("The image's user does not exist in it.");
  if (colon != std::string_view::npos) user.gid = TRY(find_group(tree, wish.substr(colon + 1)));
  return user;
}

}  // namespace berth::container
