#include "firmware/base/json.hpp"

#include <array>
#include <boost/json/basic_parser_impl.hpp>
#include <charconv>
#include <set>

namespace berth {
namespace {

constexpr std::size_t max_depth = 32;

// Watches a parse for what boost::json::parse lets pass: a key that stands twice in one object.
struct DuplicateKeyHandler {
  static constexpr std::size_t max_object_size = 65536;
  static constexpr std::size_t max_array_size = 65536;
  static constexpr std::size_t max_key_size = 1024;
  static constexpr std::size_t max_string_size = std::size_t{16} * mib;

  using Ec = boost::system::error_code;
  std::vector<std::set<std::string, std::less<>>> objects;
  std::string key;
  std::string duplicate;

  bool on_document_begin(Ec&) { return true; }
  bool on_document_end(Ec&) { return true; }
  bool on_object_begin(Ec&) { return objects.emplace_back(), true; }
  bool on_object_end(std::size_t, Ec&) { return objects.pop_back(), true; }
  bool on_array_begin(Ec&) { return true; }
  bool on_array_end(std::size_t, Ec&) { return true; }
  bool on_key_part(json::string_view part, std::size_t, Ec&) { return key += std::string_view(part), true; }
  bool on_key(json::string_view part, std::size_t, Ec& ec) {
    key += std::string_view(part);
    if (!objects.back().insert(key).second) {
      duplicate = key;
      ec = json::error::syntax;
      return false;
    }
    key.clear();
    return true;
  }
  bool on_string_part(json::string_view, std::size_t, Ec&) { return true; }
  bool on_string(json::string_view, std::size_t, Ec&) { return true; }
  bool on_number_part(json::string_view, Ec&) { return true; }
  bool on_int64(std::int64_t, json::string_view, Ec&) { return true; }
  bool on_uint64(std::uint64_t, json::string_view, Ec&) { return true; }
  bool on_double(double, json::string_view, Ec&) { return true; }
  bool on_bool(bool, Ec&) { return true; }
  bool on_null(Ec&) { return true; }
  bool on_comment_part(json::string_view, Ec&) { return true; }
  bool on_comment(json::string_view, Ec&) { return true; }
};

json::parse_options options() {
  json::parse_options o;
  o.max_depth = max_depth;
  return o;
}

std::unexpected<Error> malformed(std::string reason) {
  return fail(ErrorCode::invalid_argument, "malformed-json", "The text is not acceptable JSON: " + reason);
}

}  // namespace

Result<json::value> parse_json(std::string_view text) {
  json::basic_parser<DuplicateKeyHandler> check(options());
  boost::system::error_code ec;
  auto const used = check.write_some(false, text.data(), text.size(), ec);
  if (!check.handler().duplicate.empty())
    return malformed("the key \"" + check.handler().duplicate + "\" stands twice");
  if (!ec && used < text.size()) return malformed("something follows the value");
  if (ec) return malformed(ec.message());
  auto value = json::parse(text, ec, {}, options());
  if (ec) return malformed(ec.message());
  return value;
}

namespace detail {

// RFC 8259 section 7: what must be escaped, and nothing else.
void append_string(std::string& out, std::string_view text) {
  constexpr std::string_view digits = "0123456789abcdef";
  out += '"';
  std::size_t plain = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    auto const c = static_cast<unsigned char>(text[i]);
    if (c >= 0x20 && c != '"' && c != '\\') continue;
    out.append(text, plain, i - plain);
    plain = i + 1;
    switch (c) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\b':
        out += "\\b";
        break;
      case '\f':
        out += "\\f";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\t':
        out += "\\t";
        break;
      default:
        out += "\\u00";
        out += digits[c >> 4];
        out += digits[c & 15];
    }
  }
  out.append(text, plain);
  out += '"';
}

void append_integer(std::string& out, std::int64_t number) {
  std::array<char, 24> digits{};
  out.append(digits.data(), std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr);
}

void append_integer(std::string& out, std::uint64_t number) {
  std::array<char, 24> digits{};
  out.append(digits.data(), std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr);
}

void add_problem(Error& error, std::string pointer, Complaint what) {
  constexpr std::size_t enough = 32;
  if (error.fields.size() < enough) error.fields.emplace_back(std::move(pointer), std::move(what));
}

void add_problem(Error& error, std::string pointer, std::string words) {
  add_problem(error, std::move(pointer), Complaint(std::move(words)));
}

void add_problem(Error& error, std::string pointer, Error&& parsing) {
  for (auto& field : parsing.fields) add_problem(error, pointer + field.pointer, Complaint(std::move(field)));
}

std::string escape_pointer(std::string_view key) {
  std::string out;
  for (char c : key) out += c == '~' ? "~0" : c == '/' ? "~1" : std::string(1, c);
  return out;
}

Error new_field_error() {
  return {ErrorCode::invalid_argument, "invalid-field", "Some fields are not acceptable."};
}

}  // namespace detail

}  // namespace berth
