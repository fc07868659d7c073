#include "firmware/http/local_socket.hpp"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <format>

#include "firmware/base/descriptor.hpp"

namespace berth::http {
namespace {

bool somebody_listens(std::string const& path) {
  Descriptor const probe(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  return probe.valid() && ::connect(probe.get(), reinterpret_cast<sockaddr const*>(&address), sizeof address) == 0;
}

}  // namespace

Result<void> make_way_for_socket(std::filesystem::path const& path) {
  auto const& name = path.native();
  if (!path.is_absolute() || name.size() > 100 || name.find_first_of(",:") != std::string::npos)
    return fail(ErrorCode::invalid_argument, "bad-socket-path",
                "The local socket's path must be absolute, short, and without ',' or ':'.");
  struct stat status{};
  if (::lstat(name.c_str(), &status) != 0) {
    if (errno == ENOENT) return {};
    return fail_errno(errno, std::format("look at {}", name));
  }
  if (!S_ISSOCK(status.st_mode))
    return fail(ErrorCode::conflict, "not-a-socket", std::format("{} exists and is no socket.", name));
  if (somebody_listens(name))
    return fail(ErrorCode::conflict, "socket-in-use", std::format("Another process listens on {}.", name));
  if (::unlink(name.c_str()) != 0) return fail_errno(errno, std::format("remove {}", name));
  return {};
}

Result<void> open_socket_to(std::filesystem::path const& path, std::optional<gid_t> group) {
  if (group && ::lchown(path.c_str(), static_cast<uid_t>(-1), *group) != 0)
    return fail_errno(errno, std::format("give {} to its group", path.native()));
  if (::chmod(path.c_str(), 0660) != 0) return fail_errno(errno, std::format("set the mode of {}", path.native()));
  return {};
}

}  // namespace berth::http
