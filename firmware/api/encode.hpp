// From a handler's return type to the HTTP answer and to its description. One specialisation a type; another type does
// not compile.
#pragma once

#include <format>
#include <string>
#include <string_view>

#include "firmware/api/answers.hpp"
#include "firmware/api/schema.hpp"
#include "firmware/http/message.hpp"

namespace berth::api {

// Collects what OpenAPI says about one operation.
struct Operation {
  Schemas& schemas;
  json::array parameters = {};
  json::object request_body = {};
  json::object responses = {};

  void answers(int status, std::string_view description, json::object content = {}, json::object headers = {}) {
    json::object response{{"description", description}};
    if (!content.empty()) response["content"] = std::move(content);
    if (!headers.empty()) response["headers"] = std::move(headers);
    responses[std::to_string(status)] = std::move(response);
  }
  template <class T>
  json::object json_of() {
    return {{"application/json", {{"schema", schemas.write<T>()}}}};
  }
};

namespace detail {

inline json::object text_header(std::string_view description) {
  return {{"description", description}, {"schema", {{"type", "string"}}}};
}

inline http::Response json_text_response(int status, std::string json) {
  http::Response response;
  response.status = status;
  response.headers.add("Content-Type", "application/json");
  response.headers.add("Cache-Control", "no-store");
  response.body = std::move(json);
  return response;
}

template <class T>
http::Response json_response(int status, T const& value) {
  return json_text_response(status, write_json(value));
}

// Cursors are URL-safe by construction; other parameters are passed on as they came.
inline std::string next_link(http::Request const& request, std::string_view cursor) {
  std::string query;
  std::string_view rest = request.query;
  while (!rest.empty()) {
    auto const end = rest.find('&');
    auto const piece = rest.substr(0, end);
    rest = end == std::string_view::npos ? std::string_view{} : rest.substr(end + 1);
    if (!piece.empty() && !piece.starts_with("cursor=")) query += std::string(piece) + "&";
  }
  return std::format("<{}?{}cursor={}>; rel=\"next\"", request.path, query, cursor);
}

inline std::string etag(std::int64_t version) {
  return std::format("\"{}\"", version);
}

}  // namespace detail

// `replayable`: the answer may be kept for a repetition of the same Idempotency-Key.
// `encode` gets the request for what points back at it (the Link of a page).
template <class T>
struct Encode {
  static_assert(berth::detail::DescribedStruct<T>, "a handler returns a described struct or a type of answers.hpp");
  static constexpr bool replayable = false;
  static http::Response encode(T const& value, http::Request const& request) {
    auto response = detail::json_response(200, value);
    if constexpr (requires {
                    value.next_cursor;
                    value.items;
                  })
      if (value.next_cursor) response.headers.add("Link", detail::next_link(request, *value.next_cursor));
    return response;
  }
  static void describe(Operation& o) {
    json::object headers;
    if constexpr (requires(T t) {
                    t.next_cursor;
                    t.items;
                  })
      headers["Link"] = detail::text_header("RFC 8288: the next page, rel=\"next\", when there is one");
    o.answers(200, "As asked.", o.json_of<T>(), std::move(headers));
  }
};

template <class T>
struct Encode<Written<T>> {
  static constexpr bool replayable = false;
  static http::Response encode(Written<T> const& written, http::Request const& request) {
    auto response = detail::json_text_response(200, written.text->json);
    if (auto const& cursor = written.text->next_cursor)
      response.headers.add("Link", detail::next_link(request, *cursor));
    return response;
  }
  static void describe(Operation& o) { Encode<T>::describe(o); }
};

template <class T>
struct Encode<Created<T>> {
  static constexpr bool replayable = true;
  static http::Response encode(Created<T> const& made, http::Request const&) {
    auto response = detail::json_response(201, made.value);
    response.headers.add("Location", made.location);
    return response;
  }
  static void describe(Operation& o) {
    o.answers(201, "Made.", o.json_of<T>(), {{"Location", detail::text_header("The new thing.")}});
  }
};

template <class T>
struct Encode<Revealed<T>> {
  static constexpr bool replayable = false;
  static http::Response encode(Revealed<T> const& revealed, http::Request const&) {
    return detail::json_response(201, revealed.value);
  }
  static void describe(Operation& o) { o.answers(201, "Made; shown this once.", o.json_of<T>()); }
};

template <>
struct Encode<Accepted> {
  static constexpr bool replayable = true;
  static http::Response encode(Accepted const& accepted, http::Request const&) {
    auto response = detail::json_response(202, accepted);
    response.headers.add("Location", "/api/v1/jobs/" + accepted.job.id.str());
    return response;
  }
  static void describe(Operation& o) {
    o.answers(202, "A job does it.", o.json_of<Accepted>(), {{"Location", detail::text_header("The job.")}});
  }
};

template <class T>
struct Encode<Tagged<T>> {
  static constexpr bool replayable = false;
  static http::Response encode(Tagged<T> const& tagged, http::Request const&) {
    auto response = detail::json_response(200, tagged.value);
    response.headers.add("ETag", detail::etag(tagged.version));
    return response;
  }
  static void describe(Operation& o) {
    o.answers(200, "As asked.", o.json_of<T>(), {{"ETag", detail::text_header("Its version, for If-Match.")}});
  }
};

template <>
struct Encode<Done> {
  static constexpr bool replayable = false;
  static http::Response encode(Done const&, http::Request const&) {
    http::Response response;
    response.status = 204;
    return response;
  }
  static void describe(Operation& o) { o.answers(204, "Done."); }
};

template <>
struct Encode<SignedOut> {
  static constexpr bool replayable = false;
  static http::Response encode(SignedOut const&, http::Request const&) {
    http::Response response;
    response.status = 204;
    response.headers.add("Set-Cookie",
                         std::format("{}=; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=0", session_cookie));
    return response;
  }
  static void describe(Operation& o) {
    o.answers(204, "Signed out.", {}, {{"Set-Cookie", detail::text_header("Takes the session cookie away.")}});
  }
};

template <>
struct Encode<Admitted> {
  static constexpr bool replayable = false;
  static http::Response encode(Admitted const& admitted, http::Request const&) {
    auto response = detail::json_response(201, admitted.value);
    response.headers.add("Set-Cookie", std::format("{}={}; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age={}",
                                                   session_cookie, admitted.token, admitted.max_age_s));
    return response;
  }
  static void describe(Operation& o) {
    o.answers(201, "Signed in.", o.json_of<view::SignedIn>(),
              {{"Set-Cookie", detail::text_header("The session cookie.")}});
  }
};

template <>
struct Encode<EventStream> {
  static constexpr bool replayable = false;
  static http::Response encode(EventStream&& events, http::Request const&) {
    http::Response response;
    response.headers.add("Content-Type", "text/event-stream");
    response.headers.add("Cache-Control", "no-store");
    response.stream = http::Stream{std::move(events.run), std::move(events.owner)};
    return response;
  }
  static void describe(Operation& o) {
    o.answers(200, "Events as they happen.", {{"text/event-stream", {{"schema", {{"type", "string"}}}}}});
  }
};

template <>
struct Encode<Download> {
  static constexpr bool replayable = false;
  static http::Response encode(Download&& download, http::Request const&) {
    http::Response response;
    response.headers.add("Content-Type", std::string(download.content_type));
    response.headers.add("Content-Disposition", std::format("attachment; filename=\"{}\"", download.name));
    response.headers.add("Cache-Control", "no-store");
    response.stream = http::Stream{sender_of(std::move(download.file)), std::move(download.owner)};
    return response;
  }
  static void describe(Operation& o) {
    o.answers(200, "The file.", {{"application/gzip", {{"schema", {{"type", "string"}, {"format", "binary"}}}}}});
  }

 private:
  static std::function<void(http::StreamWriter&)> sender_of(Descriptor file);
};

// One of several: each with a status of its own.
template <class... T>
struct Encode<std::variant<T...>> {
  static constexpr bool replayable = (Encode<T>::replayable || ...);
  static http::Response encode(std::variant<T...>&& one, http::Request const& request) {
    return std::visit(
        [&]<class V>(V&& value) { return Encode<std::remove_cvref_t<V>>::encode(std::forward<V>(value), request); },
        std::move(one));
  }
  static void describe(Operation& o) { (Encode<T>::describe(o), ...); }
};

}  // namespace berth::api
