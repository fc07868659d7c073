// What a handler may ask for, one specialisation a parameter type. They are made in the order of the parameters, so a
// handler that names Granted<T> before the body answers a stranger 404 before it looks at what he wrote.
#pragma once

#include <array>
#include <string_view>

#include "firmware/access/granted.hpp"
#include "firmware/api/answers.hpp"
#include "firmware/api/encode.hpp"
#include "firmware/api/exchange.hpp"
#include "firmware/api/query.hpp"
#include "firmware/services/accounts/client.hpp"
#include "firmware/services/system/machine.hpp"

namespace berth::api {

using access::Granted;
using services::Call;

// gate: a right without a thing in the path. granted: a thing in the path, with the right to it. body: the JSON body.
enum class Shape { plain, gate, granted, body };

// An id in the path of something that only its owner can reach: the handler looks it up among the caller's own.
template <class I>
struct Own {
  I id;
};

// Application/json in a body. Errors: invalid_argument "unsupported-media-type", "malformed-json".
// The body as a file, application/octet-stream. Errors: invalid_argument "unsupported-media-type".
Result<services::FileSource> file_in(http::Request const& request);
Result<json::value> read_body(http::Request const& request);
Result<IfMatch> read_if_match(http::Request const& request);
accounts::Client client_of(http::Request const& request);

namespace detail {

inline void describe_path_parameter(Operation& o, std::string_view name, json::object schema) {
  o.parameters.push_back(
      json::object{{"name", name}, {"in", "path"}, {"required", true}, {"schema", std::move(schema)}});
}

// A thing that the path names by its id.
template <class T, class I, auto grant>
struct GrantedByPath {
  using Held = Granted<T>;
  static constexpr Shape shape = Shape::granted;
  static Result<Held> make(Exchange& x, std::string_view what) {
    auto const id = I::parse(x.next_path_value());
    // A text that is no id names nothing: the same answer as for an id that nobody has.
    if (!id) return fail(ErrorCode::not_found, "not-found", "There is no such " + std::string(what) + ".");
    return grant(x.call, *id, x.permission);
  }
  static Held const& pass(Held& held) { return held; }
};

// A right that the path names nothing for.
template <class T, auto grant>
struct GrantedByRight {
  using Held = Granted<T>;
  static constexpr Shape shape = Shape::gate;
  static Result<Held> make(Exchange& x) { return grant(x.call, x.permission); }
  static Held const& pass(Held& held) { return held; }
  static void describe(Operation&) {}
};

inline Result<Granted<store::EventAudience>> grant_events(access::Caller const& caller, access::Permission) {
  return access::grant_events(caller);
}

}  // namespace detail

template <class T>
struct Argument {
  using Body = std::remove_cvref_t<T>;
  static_assert(berth::detail::DescribedStruct<Body> && std::is_same_v<T, Body const&>,
                "a handler takes Call&, Granted<T> const&, Query<T> const&, IfMatch, Panel&, Client and one described "
                "struct by const&");
  using Held = Body;
  static constexpr Shape shape = Shape::body;
  static Result<Held> make(Exchange& x) { return from_json<Body>(TRY(read_body(x.request))); }
  static Held const& pass(Held& held) { return held; }
  static void describe(Operation& o) {
    o.request_body = {{"required", true}, {"content", {{"application/json", {{"schema", o.schemas.read<Body>()}}}}}};
  }
};

#define BERTH_GRANTED_BY_PATH(Thing, IdType, grant, path_name)                            \
  template <>                                                                             \
  struct Argument<Granted<Thing> const&> : detail::GrantedByPath<Thing, IdType, &grant> { \
    static constexpr std::string_view name = path_name;                                   \
    static Result<Granted<Thing>> make(Exchange& x) {                                     \
      return GrantedByPath::make(x, name);                                                \
    }                                                                                     \
    static void describe(Operation& o) {                                                  \
      detail::describe_path_parameter(o, name, read_schema<IdType>());                    \
    }                                                                                     \
  }

template <>
struct Argument<Call&> {
  using Held = Call*;
  static constexpr Shape shape = Shape::plain;
  static Result<Held> make(Exchange& x) { return &x.call; }
  static Call& pass(Held& held) { return *held; }
  static void describe(Operation&) {}
};

template <>
struct Argument<Exchange&> {
  using Held = Exchange*;
  static constexpr Shape shape = Shape::plain;
  static Result<Held> make(Exchange& x) { return &x; }
  static Exchange& pass(Held& held) { return *held; }
  static void describe(Operation&) {}
};

template <>
struct Argument<IfMatch> {
  using Held = IfMatch;
  static constexpr Shape shape = Shape::plain;
  static Result<Held> make(Exchange& x) { return read_if_match(x.request); }
  static Held pass(Held& held) { return held; }
  static void describe(Operation& o) {
    o.parameters.push_back(json::object{{"name", "If-Match"},
                                        {"in", "header"},
                                        {"required", true},
                                        {"description", "The ETag of what was read before it was edited."},
                                        {"schema", {{"type", "string"}}}});
  }
};

template <class T>
struct Argument<Query<T> const&> {
  using Held = Query<T>;
  static constexpr Shape shape = Shape::plain;
  static Result<Held> make(Exchange& x) { return read_query<T>(x.request.query); }
  static Held const& pass(Held& held) { return held; }
  static void describe(Operation& o) {
    boost::mp11::mp_for_each<boost::describe::describe_members<T, boost::describe::mod_any_access>>([&](auto d) {
      using Member = std::remove_cvref_t<decltype(std::declval<T&>().*d.pointer)>;
      o.parameters.push_back(json::object{{"name", d.name},
                                          {"in", "query"},
                                          {"required", !berth::detail::is_optional<Member>::value},
                                          {"schema", o.schemas.read<Member>()}});
    });
  }
};

template <>
struct Argument<Own<SessionId>> {
  using Held = Own<SessionId>;
  static constexpr Shape shape = Shape::granted;
  static constexpr std::string_view name = "session";
  static Result<Held> make(Exchange& x) {
    auto const id = SessionId::parse(x.next_path_value());
    if (!id) return fail(ErrorCode::not_found, "not-found", "There is no such session.");
    return Held{*id};
  }
  static Held pass(Held& held) { return held; }
  static void describe(Operation& o) { detail::describe_path_parameter(o, name, read_schema<SessionId>()); }
};

template <>
struct Argument<Own<contract::FoundUpdateId>> {
  using Held = Own<contract::FoundUpdateId>;
  static constexpr Shape shape = Shape::granted;
  static constexpr std::string_view name = "found";
  static Result<Held> make(Exchange& x) {
    auto id = contract::FoundUpdateId::parse(x.next_path_value());
    if (!id || !contract::is_found_update_id(*id))
      return fail(ErrorCode::not_found, "not-found", "There is no such update.");
    return Held{*std::move(id)};
  }
  static Held pass(Held& held) { return held; }
  static void describe(Operation& o) {
    detail::describe_path_parameter(o, name, read_schema<contract::FoundUpdateId>());
  }
};

// Read by the handler, piece by piece, after everything that stands before it was granted.
template <>
struct Argument<services::FileSource const&> {
  using Held = services::FileSource;
  static constexpr Shape shape = Shape::body;
  static constexpr std::uint64_t streamed_bytes_max = jobs::MachineFiles::update_bytes_max;
  static Result<Held> make(Exchange& x) { return file_in(x.request); }
  static Held const& pass(Held& held) { return held; }
  static void describe(Operation& o) {
    o.request_body = {
        {"required", true},
        {"content", {{"application/octet-stream", {{"schema", {{"type", "string"}, {"format", "binary"}}}}}}}};
  }
};

BERTH_GRANTED_BY_PATH(store::Server, ServerId, access::grant_server, "server");
BERTH_GRANTED_BY_PATH(store::Job, JobId, access::grant_job, "job");
BERTH_GRANTED_BY_PATH(store::User, UserId, access::grant_user, "user");
BERTH_GRANTED_BY_PATH(store::Image, ImageId, access::grant_image, "image");
#undef BERTH_GRANTED_BY_PATH

template <>
struct Argument<Granted<access::Reach> const&> : detail::GrantedByRight<access::Reach, &access::grant_reach> {};
template <>
struct Argument<Granted<access::System> const&> : detail::GrantedByRight<access::System, &access::grant_system> {};
template <>
struct Argument<Granted<store::Tenant> const&> : detail::GrantedByRight<store::Tenant, &access::grant_own_tenant> {};
template <>
struct Argument<Granted<store::EventAudience> const&>
    : detail::GrantedByRight<store::EventAudience, &detail::grant_events> {};

}  // namespace berth::api
