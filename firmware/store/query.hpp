// One run of a prepared statement: bind in order, step through rows, read columns in order.
//   Query q(scope, "SELECT name FROM plans WHERE id = ?");
//   q << id;
//   if (TRY(q.step())) plan.name = q.text();
// Errors of binding wait for step().
#pragma once

#include <boost/describe.hpp>
#include <boost/mp11.hpp>
#include <concepts>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

#include "firmware/base/clock.hpp"
#include "firmware/base/ids.hpp"
#include "firmware/base/result.hpp"
#include "firmware/base/units.hpp"
#include "firmware/store/transaction_scope.hpp"

namespace SQLite {
class Statement;
}

namespace berth::store {

class Connection;

template <class E>
std::string_view enum_text(E value) {
  return boost::describe::enum_to_string(value, "");
}

class Query {
 public:
  Query(Connection& connection, std::string_view sql);
  Query(TransactionScope& scope, std::string_view sql) : Query(scope.connection, sql) {}
  ~Query();
  Query(Query const&) = delete;
  Query& operator=(Query const&) = delete;

  Query& operator<<(std::string_view text);
  Query& operator<<(std::nullptr_t);
  Query& operator<<(bool value) { return *this << std::int64_t{value}; }
  // SQLite's integers are signed: what is above 2^63 comes back negative from integer() and right from counter().
  template <std::integral I>
    requires(!std::same_as<I, bool>)
  Query& operator<<(I value) {
    return bind_integer(static_cast<std::int64_t>(value));
  }
  template <class Tag>
  Query& operator<<(Id<Tag> const& id) {
    return *this << std::string_view(id.str());
  }
  Query& operator<<(Moment moment) { return *this << to_ms(moment); }
  Query& operator<<(Bytes bytes) { return *this << bytes.count; }
  template <class E>
    requires std::is_enum_v<E>
  Query& operator<<(E value) {
    return *this << enum_text(value);
  }
  template <class T>
  Query& operator<<(std::optional<T> const& value) {
    return value ? *this << *value : *this << nullptr;
  }

  // True when there is a row to read. Errors: conflict ("constraint-broken"), exhausted, corrupt, unavailable, io.
  Result<bool> step();
  // To the end; returns how many rows it changed.
  Result<std::int64_t> run();

  // The next column of the row. Reading past the last one, or a text as a closed set's value that it does not hold, is
  // a programming error or a damaged file and ends the program.
  std::string text();
  std::int64_t integer();
  bool is_null() const;  // the next column; does not move on
  void skip() { ++column_; }
  bool boolean() { return integer() != 0; }
  Moment moment() { return from_ms(integer()); }
  Bytes bytes() { return Bytes{static_cast<std::uint64_t>(integer())}; }
  std::uint64_t counter() { return static_cast<std::uint64_t>(integer()); }
  std::uint32_t u32() { return static_cast<std::uint32_t>(integer()); }
  template <class I>
  I id() {
    auto parsed = I::parse(text());
    if (!parsed) impossible("an id");
    return *std::move(parsed);
  }
  template <class E>
  E choice() {
    auto const word = text();
    E found{};
    bool known = false;
    boost::mp11::mp_for_each<boost::describe::describe_enumerators<E>>([&](auto d) {
      if (word == d.name) found = d.value, known = true;
    });
    if (!known) impossible("a word of a closed set");
    return found;
  }
  template <class Read>
  auto optional(Read read) -> std::optional<decltype((this->*read)())> {
    if (is_null()) return skip(), std::nullopt;
    return (this->*read)();
  }

 private:
  Query& bind_integer(std::int64_t value);
  [[noreturn]] void impossible(std::string_view what) const;
  Connection* connection_;
  std::string_view sql_;
  std::unique_ptr<SQLite::Statement> statement_;
  std::optional<Error> failure_;
  int parameter_ = 0;
  int column_ = 0;
};

}  // namespace berth::store
