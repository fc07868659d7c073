// Literal paths with typed parameters: "/servers/{server}/jobs". Matching is by whole segments; nothing is a pattern.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

namespace berth::api {

inline constexpr std::size_t path_parameters_max = 2;

// The values of a matched path's parameters, in order. They point into the path that was matched.
struct PathValues {
  std::array<std::string_view, path_parameters_max> values{};
  std::size_t count = 0;
};

namespace detail {

struct Segments {
  std::string_view rest;
  // The next segment without its slash; false at the end.
  constexpr bool next(std::string_view& segment) {
    if (rest.empty()) return false;
    rest.remove_prefix(1);  // the slash
    auto const end = rest.find('/');
    segment = rest.substr(0, end);
    rest = end == std::string_view::npos ? std::string_view{} : rest.substr(end);
    return true;
  }
};

constexpr bool is_parameter(std::string_view segment) {
  return segment.size() > 2 && segment.front() == '{' && segment.back() == '}';
}

}  // namespace detail

// Whether `path` ("/servers/srv_...") is of the form `pattern` ("/servers/{server}").
constexpr bool match_path(std::string_view pattern, std::string_view path, PathValues& found) {
  detail::Segments wanted{pattern};
  detail::Segments given{path};
  found.count = 0;
  std::string_view want, have;
  while (wanted.next(want)) {
    if (!given.next(have)) return false;
    if (detail::is_parameter(want))
      found.values[found.count++] = have;
    else if (want != have)
      return false;
  }
  return given.rest.empty();
}

// The n-th parameter's name without braces; empty when there are fewer.
constexpr std::string_view parameter_name(std::string_view pattern, std::size_t n) {
  detail::Segments segments{pattern};
  std::string_view segment;
  while (segments.next(segment))
    if (detail::is_parameter(segment) && n-- == 0) return segment.substr(1, segment.size() - 2);
  return {};
}

constexpr std::size_t count_parameters(std::string_view pattern) {
  std::size_t n = 0;
  while (!parameter_name(pattern, n).empty()) ++n;
  return n;
}

// "/a", "/a/{b}": begins with a slash, no empty segment, braces only around whole names.
constexpr bool is_well_formed_pattern(std::string_view pattern) {
  if (pattern.empty() || pattern.front() != '/') return false;
  detail::Segments segments{pattern};
  std::string_view segment;
  while (segments.next(segment)) {
    auto const name = detail::is_parameter(segment) ? segment.substr(1, segment.size() - 2) : segment;
    if (name.empty()) return false;
    for (char c : name)
      if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.')) return false;
  }
  return pattern.back() != '/';
}

}  // namespace berth::api
