// Typed, time-sortable identifiers: a three-letter prefix and a UUIDv7 (RFC 9562) in lower-case hex, "srv_0190...".
// The 32 hex digits carry no dashes in the panel; the engine's GuestId is the same UUID in its dashed form.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "firmware/base/result.hpp"

namespace berth {

// 32 lower-case hex digits of a fresh UUIDv7. Thread-safe; strictly increasing within this process.
std::string new_uuid_v7();
bool is_uuid_hex(std::string_view text);
// "0190f3c4-...": the dashed form of 32 hex digits.
std::string dashed_uuid(std::string_view hex32);

template <class Tag>
class Id {
 public:
  static constexpr std::string_view prefix = Tag::prefix;

  Id() = default;  // empty: "none"; never stored
  static Id fresh() { return Id(std::string(prefix) + "_" + new_uuid_v7()); }
  static Result<Id> parse(std::string_view text) {
    if (text.size() != prefix.size() + 33 || !text.starts_with(prefix) || text[prefix.size()] != '_' ||
        !is_uuid_hex(text.substr(prefix.size() + 1)))
      return fail_field("", {FieldRule::not_identifier, {.allowed = {{std::string(prefix)}}}});
    return Id(std::string(text));
  }

  std::string const& str() const { return text_; }
  std::string_view uuid_hex() const { return std::string_view(text_).substr(prefix.size() + 1); }
  bool empty() const { return text_.empty(); }
  auto operator<=>(Id const&) const = default;

 private:
  explicit Id(std::string text) : text_(std::move(text)) {}
  std::string text_;
};

#define BERTH_ID(Name, Prefix)                         \
  struct Name##Tag {                                   \
    static constexpr std::string_view prefix = Prefix; \
  };                                                   \
  using Name = Id<Name##Tag>

BERTH_ID(ServerId, "srv");
BERTH_ID(JobId, "job");
BERTH_ID(UserId, "usr");
BERTH_ID(TenantId, "ten");
BERTH_ID(SessionId, "ses");
BERTH_ID(PlanId, "pln");
BERTH_ID(ImageId, "img");
BERTH_ID(PoolId, "pol");
BERTH_ID(NodeId, "nod");
BERTH_ID(EventId, "evt");

}  // namespace berth

template <class Tag>
struct std::hash<berth::Id<Tag>> {
  std::size_t operator()(berth::Id<Tag> const& id) const noexcept { return std::hash<std::string>{}(id.str()); }
};
