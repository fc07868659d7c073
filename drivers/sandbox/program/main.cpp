// berth-sandbox: does one act on one untrusted file. Started by drivers/sandbox/sandbox.cpp; everything it has is in
// its descriptors.
//
//   berth-sandbox unpack-oci BYTES_MAX ENTRIES_MAX   0 the archive, 1 the report, 3 the tree's directory, 4 the user
//   namespace to live in berth-sandbox inspect-disk                       1 the report, 3 the disk berth-sandbox
//   resize-disk BYTES                  3 the disk
//
// The report is one JSON document: what was found, or {"refused": {"kind", "message"}} with exit code 1.
#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <clocale>
#include <cstdio>
#include <span>
#include <string>
#include <vector>

#include "drivers/sandbox/inside/confine.hpp"
#include "drivers/sandbox/inside/qcow2.hpp"
#include "drivers/sandbox/inside/unpack.hpp"
#include "firmware/base/json.hpp"

namespace berth::sandbox {
namespace {

constexpr int report = 1;
constexpr int subject = 3;
constexpr int space = 4;
constexpr char disk_path[] = "/proc/self/fd/3";

std::string_view kind_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::corrupt:
      return "corrupt";
    case ErrorCode::too_large:
      return "too-large";
    case ErrorCode::exhausted:
      return "no-space";
    case ErrorCode::invalid_argument:
      return "refused";
    default:
      return "failed";
  }
}

// Names in the message come from the file: nothing but printable ASCII leaves.
std::string printable(std::string_view text) {
  constexpr std::size_t bytes_max = 390;
  std::string clean;
  for (char const c : text.substr(0, bytes_max)) clean += c >= ' ' && c <= '~' ? c : '?';
  while (!clean.empty() && clean.back() == ' ') clean.pop_back();
  return clean.empty() ? "no reason given" : clean;
}

void say(json::value const& document) {
  auto const text = json::serialize(document);
  for (std::size_t done = 0; done < text.size();) {
    auto const count = ::write(report, text.data() + done, text.size() - done);
    if (count <= 0) return;
    done += static_cast<std::size_t>(count);
  }
}

int refuse(Error const& error) {
  say(json::object{{"refused", json::object{{"kind", kind_of(error.code)}, {"message", printable(error.message)}}}});
  return 1;
}

Result<std::uint64_t> number(std::span<char*> arguments, std::size_t at) {
  std::uint64_t value = 0;
  std::string_view const text = at < arguments.size() ? arguments[at] : "";
  auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size())
    return fail(ErrorCode::internal, "usage", "a number is missing");
  return value;
}

Result<void> unpack_oci(std::span<char*> arguments) {
  Budget const allowed{TRY(number(arguments, 2)), TRY(number(arguments, 3))};
  TRY(enter_user_namespace(space));
  ::close(space);
  constexpr std::uint64_t gib = 1ULL << 30;
  TRY(limit_resources({.cpu_s = 1800, .memory_bytes = 2 * gib, .file_bytes = allowed.bytes}));
  TRY(confine_to_tree(subject));
  auto image = TRY(unpack_image(0, subject, allowed));
  say(json::object{{"bytes", image.bytes}, {"entries", image.entries}, {"config", std::move(image.config)}});
  return {};
}

Result<void> prepare_for_qemu_img(std::uint64_t file_bytes_max) {
  TRY(become_nobody());
  constexpr std::uint64_t gib = 1ULL << 30;
  TRY(limit_resources({.cpu_s = 60, .memory_bytes = 2 * gib, .file_bytes = file_bytes_max}));
  return confine_to_qemu_img(subject);
}

// Returns only when it could not be done.
Result<void> become_qemu_img(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "qemu-img");
  std::vector<char*> pointers;
  for (auto& argument : arguments) pointers.push_back(argument.data());
  pointers.push_back(nullptr);
  std::string language = "LANG=C.UTF-8";
  std::array<char*, 2> environment{language.data(), nullptr};
  ::fcntl(subject, F_SETFD, 0);
  ::execve("/usr/bin/qemu-img", pointers.data(), environment.data());
  return fail_errno(errno, "start qemu-img");
}

Result<void> inspect_disk() {
  constexpr std::uint64_t report_bytes_max = 1 << 20;
  TRY(prepare_for_qemu_img(report_bytes_max));
  TRY(check_qcow2(subject));
  return become_qemu_img({"info", "--output=json", "-f", "qcow2", disk_path});
}

Result<void> resize_disk(std::span<char*> arguments) {
  auto const bytes = TRY(number(arguments, 2));
  constexpr std::uint64_t metadata_bytes_max = std::uint64_t{1}
                                               << 46;  // its file grows by tables, and may be large already
  TRY(prepare_for_qemu_img(metadata_bytes_max));
  TRY(check_qcow2(subject));
  return become_qemu_img({"resize", "-q", "-f", "qcow2", disk_path, std::to_string(bytes)});
}

Result<void> run(std::span<char*> arguments) {
  std::string_view const act = arguments.size() > 1 ? arguments[1] : "";
  if (act == "unpack-oci") return unpack_oci(arguments);
  if (act == "inspect-disk") return inspect_disk();
  if (act == "resize-disk") return resize_disk(arguments);
  return fail(ErrorCode::internal, "usage", "berth-sandbox is started by the engine only");
}

}  // namespace
}  // namespace berth::sandbox

int main(int argc, char** argv) {
  // Names in tar headers are UTF-8; libarchive converts them by the locale. Loaded before the file system is out of
  // reach.
  std::setlocale(LC_CTYPE, "C.UTF-8");
  ::syscall(SYS_close_range, 5, ~0U, 0);
  auto const done = berth::sandbox::run({argv, static_cast<std::size_t>(argc)});
  return done ? 0 : berth::sandbox::refuse(done.error());
}
