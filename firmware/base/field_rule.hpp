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
  not_time_zone,
  not_server_name,
  only_without_ntp,
  not_ipv4,
  not_ipv6,
  not_ipv4_prefix,
  not_ipv6_prefix,
  only_fixed,
  not_address,
  not_domain,
  not_link_name,
  link_name_reserved,
  only_vlan,
  no_such_parent,
  only_ethernet,
  one_takes_any_card,
  not_card,
  only_bond_or_bridge,
  no_member,
  no_such_card,
  no_such_member,
  member_taken,
  member_with_addresses,
  no_ssh_key,
  wrong_machine_name,
  not_https_folder,
  no_channel,
  not_time_of_day,
  refused,  // by an inner part, whose own words are all that is known
};
// More than BOOST_DESCRIBE_ENUM takes.
#define BERTH_RULE(name) BOOST_DESCRIBE_ENUM_ENTRY(FieldRule, name)
BOOST_DESCRIBE_ENUM_BEGIN(FieldRule)
BERTH_RULE(required)
BERTH_RULE(unknown_field)
BERTH_RULE(not_boolean) BERTH_RULE(not_integer) BERTH_RULE(not_text) BERTH_RULE(not_list) BERTH_RULE(not_object)
    BERTH_RULE(not_one_of) BERTH_RULE(not_identifier) BERTH_RULE(out_of_range) BERTH_RULE(too_many) BERTH_RULE(empty)
        BERTH_RULE(too_short) BERTH_RULE(too_long) BERTH_RULE(not_utf8) BERTH_RULE(control_characters) BERTH_RULE(
            outer_blanks) BERTH_RULE(repeated) BERTH_RULE(bad_encoding) BERTH_RULE(bad_cursor) BERTH_RULE(bad_event_id)
            BERTH_RULE(bad_idempotency_key) BERTH_RULE(not_hostname) BERTH_RULE(not_ssh_key) BERTH_RULE(no_such_image)
                BERTH_RULE(image_not_ready) BERTH_RULE(no_such_plan) BERTH_RULE(plan_of_other_kind) BERTH_RULE(
                    plan_over_cpus) BERTH_RULE(plan_over_memory) BERTH_RULE(plan_over_free_memory)
                    BERTH_RULE(plan_over_disk) BERTH_RULE(storage_full) BERTH_RULE(plan_memory_too_small) BERTH_RULE(
                        plan_disk_too_small) BERTH_RULE(taken) BERTH_RULE(password_few_characters)
                        BERTH_RULE(password_sequence) BERTH_RULE(password_like_name) BERTH_RULE(password_digits_only)
                            BERTH_RULE(password_well_known) BERTH_RULE(wrong_password) BERTH_RULE(wrong_setup_code)
                                BERTH_RULE(not_time_zone) BERTH_RULE(not_server_name) BERTH_RULE(only_without_ntp)
                                    BERTH_RULE(not_ipv4) BERTH_RULE(not_ipv6) BERTH_RULE(not_ipv4_prefix) BERTH_RULE(
                                        not_ipv6_prefix) BERTH_RULE(only_fixed) BERTH_RULE(not_address)
                                        BERTH_RULE(not_domain) BERTH_RULE(not_link_name) BERTH_RULE(link_name_reserved)
                                            BERTH_RULE(only_vlan) BERTH_RULE(no_such_parent) BERTH_RULE(only_ethernet)
                                                BERTH_RULE(one_takes_any_card) BERTH_RULE(not_card)
                                                    BERTH_RULE(only_bond_or_bridge) BERTH_RULE(no_member)
                                                        BERTH_RULE(no_such_card) BERTH_RULE(no_such_member)
                                                            BERTH_RULE(member_taken) BERTH_RULE(member_with_addresses)
                                                                BERTH_RULE(no_ssh_key) BERTH_RULE(wrong_machine_name)
                                                                    BERTH_RULE(not_https_folder) BERTH_RULE(no_channel)
                                                                        BERTH_RULE(not_time_of_day) BERTH_RULE(refused)
                                                                            BOOST_DESCRIBE_ENUM_END(FieldRule)
#undef BERTH_RULE

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
