// Which rule a field breaks. One list for the whole panel: the API sends the rule and its numbers beside an English
// sentence, the OpenAPI document lists them, and the web has words for each in every language.
#pragma once

#include <boost/describe.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace berth {

// A new rule: a row here and in the description below, its sentence in field_rule.cpp, its words in web/i18n.
enum class FieldRule {
  required,
  unknown_field,
  not_boolean,
  not_integer,
  not_text,
  not_list,
  not_object,
  not_one_of,      // allowed
  not_identifier,  // allowed: its prefix
  out_of_range,    // min, max
  too_many,        // max: entries
  empty,
  too_short,  // min: characters
  too_long,   // max: bytes
  not_utf8,
  control_characters,
  outer_blanks,
  repeated,
  bad_encoding,
  bad_cursor,
  bad_event_id,
  bad_idempotency_key,
  not_hostname,
  not_ssh_key,
  no_such_image,
  image_not_ready,
  no_such_plan,
  plan_of_other_kind,     // allowed: the kind that the plan is for
  plan_over_cpus,         // max: what the machine has
  plan_over_memory,       // max_bytes: what the machine has
  plan_over_free_memory,  // max_bytes: what is not promised to other servers
  plan_over_disk,         // max_bytes: what the machine has
  storage_full,           // max_bytes: what is free
  plan_memory_too_small,  // min_bytes: what the image needs
  plan_disk_too_small,    // min_bytes: what the image needs
  taken,
  password_few_characters,
  password_sequence,
  password_like_name,
  password_digits_only,
  password_well_known,
  wrong_password,
  wrong_setup_code,
  refused,  // by an inner part, whose own words are all that is known
};
BOOST_DESCRIBE_ENUM(FieldRule, required, unknown_field, not_boolean, not_integer, not_text, not_list, not_object,
                    not_one_of, not_identifier, out_of_range, too_many, empty, too_short, too_long, not_utf8,
                    control_characters, outer_blanks, repeated, bad_encoding, bad_cursor, bad_event_id,
                    bad_idempotency_key, not_hostname, not_ssh_key, no_such_image, image_not_ready, no_such_plan,
                    plan_of_other_kind, plan_over_cpus, plan_over_memory, plan_over_free_memory, plan_over_disk,
                    storage_full, plan_memory_too_small, plan_disk_too_small, taken, password_few_characters,
                    password_sequence, password_like_name, password_digits_only, password_well_known, wrong_password,
                    wrong_setup_code, refused)

// What a rule's sentence needs to be said; which of them are there follows from the rule.
struct FieldParams {
  std::optional<std::int64_t> min = {};
  std::optional<std::int64_t> max = {};
  std::optional<std::int64_t> min_bytes = {};
  std::optional<std::int64_t> max_bytes = {};
  std::optional<std::vector<std::string>> allowed = {};
};
BOOST_DESCRIBE_STRUCT(FieldParams, (), (min, max, min_bytes, max_bytes, allowed))

// A broken rule. `message` is the end of an English sentence that begins with the field's name: "must not be empty".
struct Complaint {
  Complaint(FieldRule broken, FieldParams values = {});
  // An inner part's words, which no rule of ours stands for.
  explicit Complaint(std::string words) : rule(FieldRule::refused), message(std::move(words)) {}

  FieldRule rule;
  FieldParams params;
  std::string message;
};

}  // namespace berth
