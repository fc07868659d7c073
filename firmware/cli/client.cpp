#include "firmware/cli/client.hpp"

#include <curl/curl.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <format>

#include "firmware/base/descriptor.hpp"
#include "firmware/base/random.hpp"

namespace berth::cli {
namespace {

constexpr std::size_t answer_bytes_max = std::size_t{16} << 20;
constexpr long answer_seconds_max = 60;
constexpr long file_seconds_max = 1800;

struct Received {
  std::string body;
  std::string etag;
  std::string cookie;
  int into = -1;          // a file for the body of an answer that is no refusal
  bool accepted = false;  // the status line said so
};

std::size_t give_file(char* bytes, std::size_t size, std::size_t count, void* source) {
  auto const n = ::read(*static_cast<int*>(source), bytes, size * count);
  return n < 0 ? CURL_READFUNC_ABORT : static_cast<std::size_t>(n);
}

std::size_t take_body(char* bytes, std::size_t size, std::size_t count, void* target) {
  auto& received = *static_cast<Received*>(target);
  if (received.into >= 0 && received.accepted) {
    auto const written = ::write(received.into, bytes, size * count);
    return written < 0 ? 0 : static_cast<std::size_t>(written);
  }
  if (received.body.size() + size * count > answer_bytes_max) return 0;
  received.body.append(bytes, size * count);
  return size * count;
}

// What stands behind "name:" in a header line; names compare without regard to case (RFC 9110 section 5.1).
std::optional<std::string_view> field_of(std::string_view line, std::string_view name) {
  bool const same = line.size() > name.size() && line[name.size()] == ':' &&
                    std::ranges::equal(line.substr(0, name.size()), name, [](char a, char b) {
                      return (a >= 'A' && a <= 'Z' ? static_cast<char>(a + 32) : a) == b;
                    });
  if (!same) return std::nullopt;
  line.remove_prefix(name.size() + 1);
  while (!line.empty() && line.front() == ' ') line.remove_prefix(1);
  while (!line.empty() && (line.back() == '\r' || line.back() == '\n')) line.remove_suffix(1);
  return line;
}

std::size_t take_header(char* bytes, std::size_t size, std::size_t count, void* target) {
  std::string_view const line(bytes, size * count);
  auto& received = *static_cast<Received*>(target);
  if (line.starts_with("HTTP/")) received.accepted = line.contains(" 2");
  if (auto const etag = field_of(line, "etag")) received.etag = *etag;
  if (auto const cookie = field_of(line, "set-cookie")) received.cookie = cookie->substr(0, cookie->find(';'));
  return size * count;
}

ErrorCode code_of(long status) {
  switch (status) {
    case 400:
    case 415:
    case 422:
      return ErrorCode::invalid_argument;
    case 401:
      return ErrorCode::unauthenticated;
    case 403:
      return ErrorCode::forbidden;
    case 404:
      return ErrorCode::not_found;
    case 409:
      return ErrorCode::conflict;
    case 412:
      return ErrorCode::precondition_failed;
    case 429:
      return ErrorCode::rate_limited;
    case 503:
      return ErrorCode::unavailable;
    case 504:
      return ErrorCode::timed_out;
    default:
      return ErrorCode::internal;
  }
}

std::string text_of(json::object const& object, std::string_view key) {
  auto const* value = object.if_contains(key);
  auto const* text = value == nullptr ? nullptr : value->if_string();
  return text == nullptr ? std::string() : std::string(*text);
}

}  // namespace

struct Client::Request {
  std::string_view method;
  std::string_view path;
  std::optional<std::string> body = std::nullopt;
  std::vector<std::string> headers = {};
  int send_from = -1;  // instead of a body: a file
  std::uint64_t send_bytes = 0;
  int fetch_into = -1;  // the answer's body, when it is no refusal
};

void Client::Free::operator()(void* handle) const {
  curl_easy_cleanup(handle);
}

Result<Client> Client::make(std::string socket) {
  if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
    return fail(ErrorCode::internal, "curl", "libcurl cannot be set up");
  auto* handle = curl_easy_init();
  if (handle == nullptr) return fail(ErrorCode::internal, "curl", "libcurl cannot be set up");
  return Client(std::move(socket), handle);
}

Result<Client::Reply> Client::perform(Request const& request) {
  auto* handle = handle_.get();
  curl_easy_reset(handle);
  auto const url = std::format("http://localhost/api/v1{}", request.path);
  std::string const method(request.method);
  Received received;
  received.into = request.fetch_into;
  int source = request.send_from;
  std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)> headers(nullptr, &curl_slist_free_all);
  auto const add_header = [&](std::string const& line) {
    headers.reset(curl_slist_append(headers.release(), line.c_str()));
  };
  for (auto const& line : request.headers) add_header(line);
  curl_easy_setopt(handle, CURLOPT_URL, url.c_str());
  curl_easy_setopt(handle, CURLOPT_UNIX_SOCKET_PATH, socket_.c_str());
  curl_easy_setopt(handle, CURLOPT_PROXY, "");  // whatever the environment says
  curl_easy_setopt(handle, CURLOPT_CUSTOMREQUEST, method.c_str());
  curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, &take_body);
  curl_easy_setopt(handle, CURLOPT_WRITEDATA, &received);
  curl_easy_setopt(handle, CURLOPT_HEADERFUNCTION, &take_header);
  curl_easy_setopt(handle, CURLOPT_HEADERDATA, &received);
  if (request.body) {
    add_header("Content-Type: application/json");
    curl_easy_setopt(handle, CURLOPT_POSTFIELDS, request.body->data());
    curl_easy_setopt(handle, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body->size()));
  }
  if (source >= 0) {
    add_header("Content-Type: application/octet-stream");
    curl_easy_setopt(handle, CURLOPT_POST, 1L);
    curl_easy_setopt(handle, CURLOPT_READFUNCTION, &give_file);
    curl_easy_setopt(handle, CURLOPT_READDATA, &source);
    curl_easy_setopt(handle, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.send_bytes));
  }
  // A large file takes its time; a panel that says nothing does not.
  bool const large = source >= 0 || request.fetch_into >= 0;
  curl_easy_setopt(handle, CURLOPT_TIMEOUT, large ? file_seconds_max : answer_seconds_max);
  curl_easy_setopt(handle, CURLOPT_HTTPHEADER, headers.get());
  auto const done = curl_easy_perform(handle);
  if (done == CURLE_COULDNT_CONNECT)
    return fail(ErrorCode::unavailable, "panel-down",
                std::format("nobody answers at {}: is berthd running, and may you open its socket?", socket_));
  if (done != CURLE_OK) return fail(ErrorCode::unavailable, "panel-down", curl_easy_strerror(done));
  Reply reply;
  curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &reply.status);
  reply.etag = std::move(received.etag);
  reply.cookie = std::move(received.cookie);
  reply.body = std::move(received.body);
  if (reply.status >= 300) return std::unexpected(error_of(reply.status, reply.body));
  return reply;
}

Result<json::value> Client::ask(Request const& request) {
  auto const reply = TRY(perform(request));
  if (reply.body.empty()) return json::value(nullptr);
  return parse_json(reply.body);
}

Result<json::value> Client::get(std::string_view path) {
  return ask({"GET", path});
}
Result<json::value> Client::post(std::string_view path) {
  return ask({"POST", path, std::string()});
}
Result<json::value> Client::put(std::string_view path, json::value const& body) {
  return ask({"PUT", path, json::serialize(body)});
}

Result<json::value> Client::send_file(std::string_view path, std::string const& file) {
  Descriptor const from(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat facts{};
  if (!from.valid() || ::fstat(from.get(), &facts) != 0 || !S_ISREG(facts.st_mode))
    return fail(ErrorCode::not_found, "no-such-file", std::format("{} cannot be read", file));
  return ask({.method = "POST",
              .path = path,
              .send_from = from.get(),
              .send_bytes = static_cast<std::uint64_t>(facts.st_size)});
}

Result<void> Client::fetch_file(std::string_view path, std::string const& file) {
  Descriptor const into(::open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  if (!into.valid()) return fail_errno(errno, "write " + file);
  TRY(perform({.method = "GET", .path = path, .fetch_into = into.get()}));
  return {};
}

Result<json::value> Client::remove(std::string_view path) {
  return ask({"DELETE", path});
}

Result<json::value> Client::post(std::string_view path, json::value const& body, bool idempotent) {
  Request request{"POST", path, json::serialize(body)};
  if (idempotent) request.headers.push_back("Idempotency-Key: " + random_token(16));
  return ask(request);
}

Result<json::value> Client::patch(std::string_view path, json::value const& body, std::string_view if_match) {
  return ask({"PATCH", path, json::serialize(body), {"If-Match: " + std::string(if_match)}});
}

Result<std::string> Client::etag(std::string_view path) {
  return TRY(perform({"GET", path})).etag;
}

Result<void> Client::check_administrator(std::string_view name, std::string_view password) {
  auto const wish = json::serialize(json::object{{"name", name}, {"password", password}});
  auto const session = TRY(perform({"POST", "/sessions", wish}));
  std::string const cookie = "Cookie: " + session.cookie;
  auto const me = ask({"GET", "/me", std::nullopt, {cookie}});
  TRY(perform({"DELETE", "/sessions/current", std::nullopt, {cookie}}));
  auto const* permissions = TRY(me).as_object().if_contains("permissions");
  if (permissions != nullptr && permissions->is_array() &&
      std::ranges::contains(permissions->get_array(), json::value("system_manage")))
    return {};
  return fail(ErrorCode::forbidden, "not-an-administrator", "Only an administrator may do that.");
}

Result<json::array> Client::all(std::string_view path) {
  json::array items;
  std::string cursor;
  do {
    auto const joint = path.find('?') == std::string_view::npos ? '?' : '&';
    auto page = TRY(
        get(cursor.empty() ? std::string(path) : std::format("{}{}cursor={}", path, joint, percent_encode(cursor))));
    auto* object = page.if_object();
    auto* list = object == nullptr || !object->contains("items") ? nullptr : object->at("items").if_array();
    if (list == nullptr) return fail(ErrorCode::corrupt, "unexpected-answer", "the panel's answer is not a list");
    for (auto& item : *list) items.push_back(std::move(item));
    cursor = text_of(*object, "next_cursor");
  } while (!cursor.empty());
  return items;
}

std::string percent_encode(std::string_view text) {
  std::string out;
  for (unsigned char c : text) {
    bool const plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
                       c == '.' || c == '_' || c == '~';
    out += plain ? std::string(1, static_cast<char>(c)) : std::format("%{:02X}", c);
  }
  return out;
}

Error error_of(long status, std::string_view body) {
  Error error{code_of(status), std::format("http-{}", status), std::format("the panel answered {}", status)};
  auto const parsed = parse_json(body);
  auto const* problem = parsed ? parsed->if_object() : nullptr;
  if (problem == nullptr) return error;
  constexpr std::string_view prefix = "/problems/";
  if (auto const type = text_of(*problem, "type"); type.starts_with(prefix)) error.slug = type.substr(prefix.size());
  if (auto const detail = text_of(*problem, "detail"); !detail.empty()) error.message = detail;
  auto const* fields = problem->if_contains("errors");
  if (fields == nullptr || !fields->is_array()) return error;
  for (auto const& field : fields->get_array())
    if (auto const* one = field.if_object())
      error.fields.push_back({text_of(*one, "pointer"), text_of(*one, "message")});
  return error;
}

}  // namespace berth::cli
