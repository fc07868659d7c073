#include "drivers/container/image_config.hpp"

#include <algorithm>
#include <charconv>
#include <csignal>
#include <cstring>
#include <iterator>
#include <optional>

namespace berth::container {
namespace {

constexpr std::size_t strings_max = 1024;
constexpr std::size_t string_bytes_max = 128 * 1024;  // MAX_ARG_STRLEN, execve(2)

std::unexpected<Error> refuse(std::string message) {
  return fail(ErrorCode::invalid_argument, "image-refused", "The image's config " + std::move(message));
}

json::value const* member(json::object const& object, std::string_view name) {
  auto const* found = object.if_contains(name);
  return found == nullptr || found->is_null() ? nullptr : found;
}

Result<std::string> text(json::value const& value, std::string_view name) {
  auto const* string = value.if_string();
  if (string == nullptr || string->size() > string_bytes_max || std::string_view(*string).contains('\0'))
    return refuse("holds a bad " + std::string(name) + ".");
  return std::string(*string);
}

Result<std::vector<std::string>> texts(json::object const& config, std::string_view name) {
  std::vector<std::string> all;
  auto const* value = member(config, name);
  if (value == nullptr) return all;
  auto const* list = value->if_array();
  if (list == nullptr || list->size() > strings_max) return refuse("holds a bad " + std::string(name) + ".");
  for (auto const& item : *list) all.push_back(TRY(text(item, name)));
  return all;
}

Result<std::string> working_directory(json::object const& config) {
  auto const* value = member(config, "WorkingDir");
  auto directory = value == nullptr ? std::string() : TRY(text(*value, "WorkingDir"));
  if (directory.empty()) return std::string("/");
  if (directory.front() != '/') return refuse("holds a WorkingDir that is not absolute.");
  auto const plain = std::filesystem::path(directory).lexically_normal();
  for (auto const& part : std::filesystem::path(directory))
    if (part == "..") return refuse("holds a WorkingDir that leads upwards.");
  // /proc/self/fd/N was a way out of other runtimes (CVE-2024-21626); nothing there, or in the other two, is a place to
  // work.
  auto const first = std::next(plain.begin()) == plain.end() ? std::string() : std::next(plain.begin())->string();
  if (first == "proc" || first == "sys" || first == "dev") return refuse("holds a WorkingDir below /" + first + ".");
  return plain.string();
}

std::optional<int> number(std::string_view digits) {
  int value = 0;
  auto const [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
  return value;
}

}  // namespace

Result<int> signal_number(std::string_view name) {
  if (auto const value = number(name); value && *value >= 1 && *value <= SIGRTMAX) return *value;
  if (name.starts_with("SIG")) name.remove_prefix(3);
  struct Realtime {
    std::string_view prefix;
    int base;
  };
  for (auto const& [prefix, base] : {Realtime{"RTMIN", SIGRTMIN}, Realtime{"RTMAX", SIGRTMAX}}) {
    if (!name.starts_with(prefix)) continue;
    auto rest = name.substr(prefix.size());
    if (rest.starts_with('+')) rest.remove_prefix(1);
    auto const offset = rest.empty() ? std::optional(0) : number(rest);
    if (offset && base + *offset >= SIGRTMIN && base + *offset <= SIGRTMAX) return base + *offset;
  }
  for (int signal = 1; signal < SIGRTMIN; ++signal)
    if (auto const* abbreviation = ::sigabbrev_np(signal); abbreviation != nullptr && name == abbreviation)
      return signal;
  return refuse("holds an unknown StopSignal.");
}

Result<ImageConfig> read_image_config(json::value const& document) {
  auto const* whole = document.if_object();
  if (whole == nullptr) return refuse("is not an object.");
  static json::object const none;
  auto const* value = member(*whole, "config");
  if (value != nullptr && !value->is_object()) return refuse("holds a bad config.");
  auto const& config = value == nullptr ? none : value->as_object();

  ImageConfig image;
  image.arguments = TRY(texts(config, "Entrypoint"));
  std::ranges::move(TRY(texts(config, "Cmd")), std::back_inserter(image.arguments));
  if (image.arguments.empty() || image.arguments.front().empty()) return refuse("names no program to run.");
  image.environment = TRY(texts(config, "Env"));
  for (auto const& variable : image.environment)
    if (variable.find('=') == std::string::npos || variable.front() == '=') return refuse("holds a bad Env.");
  image.working_directory = TRY(working_directory(config));
  if (auto const* user = member(config, "User")) image.user = TRY(text(*user, "User"));
  if (auto const* signal = member(config, "StopSignal"))
    image.stop_signal = TRY(signal_number(TRY(text(*signal, "StopSignal"))));
  return image;
}

}  // namespace berth::container
