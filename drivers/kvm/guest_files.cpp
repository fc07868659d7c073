#include "drivers/kvm/guest_files.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <cerrno>
#include <cstring>
#include <format>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <vector>

namespace berth::kvm {
namespace {

Result<void> make_directory(std::filesystem::path const& path, mode_t mode) {
  if (mkdir(path.c_str(), mode) != 0 && errno != EEXIST) return fail_errno(errno, "make " + path.string());
  if (chmod(path.c_str(), mode) != 0) return fail_errno(errno, "set the mode of " + path.string());
  return {};
}

}  // namespace

Result<void> make_folder(GuestFiles const& files) {
  TRY(make_directory(files.folder.parent_path(), 0711));
  return make_directory(files.folder, 0711);
}

Result<void> make_runtime(GuestFiles const& files) {
  TRY(make_directory(files.runtime.parent_path(), 0711));
  return make_directory(files.runtime, 0700);
}

Result<void> remove_runtime(GuestFiles const& files) {
  std::error_code error;
  std::filesystem::remove_all(files.runtime, error);
  if (error) return fail_errno(error.value(), "remove " + files.runtime.string());
  return {};
}

Result<void> remove_seed(GuestFiles const& files) {
  for (auto const& seed : {files.seed, files.unfinished_seed})
    if (unlink(seed.c_str()) != 0 && errno != ENOENT) return fail_errno(errno, "remove " + seed.string());
  if (rmdir(files.folder.c_str()) != 0 && errno != ENOENT && errno != ENOTEMPTY && errno != EEXIST)
    return fail_errno(errno, "remove " + files.folder.string());
  return {};
}

Result<Descriptor> connect_unix(std::filesystem::path const& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.native().size() >= sizeof address.sun_path) return fail_errno(ENAMETOOLONG, "connect to " + path.string());
  std::memcpy(address.sun_path, path.c_str(), path.native().size());
  Descriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!socket.valid()) return fail_errno(errno, "make a socket");
  if (::connect(socket.get(), reinterpret_cast<sockaddr const*>(&address), sizeof address) != 0) {
    if (errno == EAGAIN || errno == ENOENT)
      return fail(ErrorCode::unavailable, "unavailable", "nobody listens at " + path.string());
    return fail_errno(errno, "connect to " + path.string());
  }
  return socket;
}

ProcessUsage process_usage(std::filesystem::path const& pid_file) {
  ProcessUsage usage;
  long pid = 0;
  if (!(std::ifstream(pid_file) >> pid) || pid <= 0) return usage;
  std::string line;
  std::getline(std::ifstream(std::format("/proc/{}/stat", pid)), line);
  auto const name_end = line.rfind(')');  // proc_pid_stat(5): the name before it may hold anything
  if (name_end == std::string::npos) return usage;
  std::istringstream fields(line.substr(name_end + 1));
  std::vector<std::string> const words{std::istream_iterator<std::string>(fields), {}};
  constexpr std::size_t first = 3;  // the number of the field that words[0] is
  if (words.size() <= 24 - first) return usage;
  auto const number = [&](std::size_t field) { return std::strtoull(words[field - first].c_str(), nullptr, 10); };
  constexpr std::uint64_t second_ns = 1'000'000'000;
  usage.cpu_ns = (number(14) + number(15)) * (second_ns / static_cast<std::uint64_t>(sysconf(_SC_CLK_TCK)));
  usage.resident_bytes = number(24) * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
  return usage;
}

}  // namespace berth::kvm
