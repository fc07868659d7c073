// What a handler may return besides a described struct (200): each says its status, its headers and its part of OpenAPI.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "firmware/api/account_views.hpp"
#include "firmware/api/answer_memo.hpp"
#include "firmware/api/job_views.hpp"
#include "firmware/api/server_views.hpp"
#include "firmware/base/descriptor.hpp"
#include "firmware/http/message.hpp"

namespace berth::api {

// 201 with the new thing. Kept for repetitions of the same Idempotency-Key.
template <class T>
struct Created {
  T value;
  std::string location;
};

// 201 with a secret that is shown once: never kept, never cached.
template <class T>
struct Revealed {
  T value;
};

// 202: a job does it. Location is the job's.
struct Accepted {
  view::Job job;
  std::optional<view::Server> server;
};
BOOST_DESCRIBE_STRUCT(Accepted, (), (job, server))

// 200 with an ETag, for what can be edited under If-Match.
template <class T>
struct Tagged {
  T value;
  std::int64_t version = 0;
};

// 200 with a list that was written already (AnswerMemo).
template <class T>
struct Written {
  std::shared_ptr<AnswerMemo::Text const> text;
};

// 204.
struct Done {};

// 204, and the browser forgets its session.
struct SignedOut {};

// 201: somebody is signed in now; `token` goes into the session cookie.
struct Admitted {
  view::SignedIn value;
  std::string token;
  std::int64_t max_age_s = 0;
};

// text/event-stream (WHATWG HTML section 9.2).
struct EventStream {
  std::function<void(http::StreamWriter&)> run;
  std::string owner;
};

// 200 with a file, from its offset 0, to be saved under that name. Holds a worker while it is sent.
struct Download {
  Descriptor file;
  std::string_view content_type;
  std::string_view name;
  std::string owner;  // streams are capped per owner
};

// The parameter that receives the version named by If-Match (RFC 9110 section 13.1.1). Without the header: 428.
struct IfMatch {
  std::int64_t version = 0;
};

inline constexpr std::string_view session_cookie = "__Host-berth_session";

}  // namespace berth::api
