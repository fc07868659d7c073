// A route is one row: method, literal path, who may, handler, summary. What the request carries and what the answer looks
// like is deduced from the handler's signature. A row that names nobody, or whose path and handler disagree about the
// things they speak of, does not compile.
//
//   constexpr Route rows[]{
//       {Method::post, "/servers/{server}/suspensions", needs(Permission::server_suspend), handled_by<&suspend_server>,
//        "Suspend a server for one reason. Other reasons stay in force."},
//   };
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <tuple>

#include "firmware/access/permission.hpp"
#include "firmware/api/arguments.hpp"
#include "firmware/api/encode.hpp"
#include "firmware/api/path.hpp"

namespace berth::api {

using access::Permission;
using http::Method;

// Who may use a route.
class Rule {
 public:
  enum class Kind : std::uint8_t { permission, signed_in, open };

  constexpr Kind kind() const { return kind_; }
  constexpr Permission permission() const { return permission_; }  // of Kind::permission
  constexpr std::string_view reason() const { return reason_; }    // of the other kinds: why no permission is asked

 private:
  consteval Rule(Kind kind, Permission permission, std::string_view reason)
      : kind_(kind), permission_(permission), reason_(reason) {}
  friend consteval Rule needs(Permission permission);
  friend consteval Rule signed_in(std::string_view reason);
  friend consteval Rule public_route(std::string_view reason);
  Kind kind_;
  Permission permission_;
  std::string_view reason_;
};

consteval Rule needs(Permission permission) {
  return {Rule::Kind::permission, permission, {}};
}
// Everybody with a session, because it touches nothing but the caller's own. Say what.
consteval Rule signed_in(std::string_view reason) {
  if (reason.empty()) throw "say why a session is enough";
  return {Rule::Kind::signed_in, {}, reason};
}
consteval Rule public_route(std::string_view reason) {
  if (reason.empty()) throw "say why everybody may";
  return {Rule::Kind::open, {}, reason};
}

// A handler with its types taken off.
struct Endpoint {
  Result<http::Response> (*run)(Exchange&);
  void (*describe)(Operation&);
  std::array<std::string_view, path_parameters_max>
      granted;  // the things it is given, as their path parameters are called
  std::size_t granted_count;
  bool reads_body;
  bool gated;                        // it is given something that only access/ can make
  std::uint64_t streamed_bytes_max;  // of a body that the handler reads itself; 0: it comes whole
  bool replayable;                   // an Idempotency-Key may stand in its request
};

namespace detail {

template <class A>
consteval std::uint64_t streamed_bytes() {
  if constexpr (requires { Argument<A>::streamed_bytes_max; })
    return Argument<A>::streamed_bytes_max;
  else
    return 0;
}

template <class Signature>
struct Bind;

template <class R, class... Args>
struct Bind<Result<R> (*)(Args...)> {
  using Handler = Result<R> (*)(Args...);
  static_assert(((Argument<Args>::shape == Shape::body ? 1 : 0) + ... + 0) <= 1, "a request has one body");

  template <Handler handler, class... Held>
  static Result<R> call(Exchange& exchange, Held&... held) {
    if constexpr (sizeof...(Held) == sizeof...(Args)) {
      return handler(Argument<Args>::pass(held)...);
    } else {
      using Next = Argument<std::tuple_element_t<sizeof...(Held), std::tuple<Args...>>>;
      auto next = TRY(Next::make(exchange));
      return call<handler>(exchange, held..., next);
    }
  }

  template <Handler handler>
  static Result<http::Response> run(Exchange& exchange) {
    return Encode<R>::encode(TRY(call<handler>(exchange)), exchange.request);
  }

  static void describe(Operation& operation) {
    (Argument<Args>::describe(operation), ...);
    Encode<R>::describe(operation);
  }

  template <Handler handler>
  static consteval Endpoint endpoint() {
    Endpoint made{&run<handler>,
                  &describe,
                  {},
                  0,
                  ((Argument<Args>::shape == Shape::body) || ...),
                  ((Argument<Args>::shape == Shape::gate || Argument<Args>::shape == Shape::granted) || ...),
                  (streamed_bytes<Args>() + ... + 0),
                  Encode<R>::replayable && (streamed_bytes<Args>() + ... + 0) == 0};
    auto const note = [&]<class A>() {
      if constexpr (A::shape == Shape::granted) made.granted[made.granted_count++] = A::name;
    };
    (note.template operator()<Argument<Args>>(), ...);
    return made;
  }
};

}  // namespace detail

template <auto handler>
inline constexpr Endpoint handled_by = detail::Bind<decltype(handler)>::template endpoint<handler>();

struct Route {
  Method method;
  std::string_view path;  // below /api/v1
  Rule rule;
  Endpoint endpoint;
  std::string_view summary;

  consteval Route(Method method, std::string_view path, Rule rule, Endpoint endpoint, std::string_view summary)
      : method(method), path(path), rule(rule), endpoint(endpoint), summary(summary) {
    if (!is_well_formed_pattern(path)) throw "a path is literal segments and {names}";
    if (count_parameters(path) != endpoint.granted_count) throw "the path's parameters are what the handler is granted";
    for (std::size_t i = 0; i < endpoint.granted_count; ++i)
      if (parameter_name(path, i) != endpoint.granted[i]) throw "path and handler name different things";
    if (endpoint.reads_body && (method == Method::get || method == Method::delete_))
      throw "GET and DELETE carry no body";
    if (endpoint.gated && rule.kind() == Rule::Kind::open) throw "a public route is given nothing of anybody's";
    if (!endpoint.gated && rule.kind() == Rule::Kind::permission)
      throw "a permission that the handler never receives protects nothing";
    if (summary.empty() || summary.back() != '.') throw "a summary is a sentence";
  }

  constexpr bool unsafe() const { return method != Method::get && method != Method::head; }
};

// What every path below begins with.
inline constexpr char base_path[] = "/api/v1";

// Every route of the panel.
std::span<Route const> routes();

// The route for a request. Errors: not_found; invalid_argument "method-not-allowed" when only other methods have the path.
struct Found {
  Route const* route = nullptr;
  PathValues values;
};
Result<Found> find_route(Method method, std::string_view path_below_base);
// The methods of a path, "GET, DELETE", for Allow.
std::string allowed_methods(std::string_view path_below_base);

}  // namespace berth::api
