#include "provisioning/seed/seed.hpp"

#include <algorithm>

#include "drivers/contract/machine_checks.hpp"

namespace berth::seed {
namespace {

// What a check says of its part, with pointers into the whole. The checks of a network call it "settings".
void take_over(Error& all, Result<void> const& checked, std::string const& part) {
  if (checked) return;
  constexpr std::string_view settings = "/settings";
  for (auto field : checked.error().fields) {
    if (field.pointer.starts_with(settings)) field.pointer.erase(0, settings.size());
    field.pointer.insert(0, part);
    all.fields.push_back(std::move(field));
  }
}

}  // namespace

Result<Seed> read_seed(std::string_view text) {
  if (text.size() > seed_bytes_max) return fail(ErrorCode::too_large, "seed-too-large", "A seed is at most 64 KiB.");
  auto value = TRY(parse_json(text));
  fill_in(value);
  auto seed = TRY(from_json<Seed>(value));
  auto all = berth::detail::new_field_error();
  if (seed.hostname && !contract::is_hostname(*seed.hostname))
    all.fields.emplace_back("/hostname", std::string("must be lower-case letters, digits and inner dashes"));
  if (seed.time) take_over(all, contract::check(*seed.time), "/time");
  if (seed.network) take_over(all, contract::check(*seed.network), "/network");
  if (seed.serial_speed && !std::ranges::contains(serial_speeds, seed.serial_speed->value))
    all.fields.emplace_back("/serial_speed", std::string("must be 9600, 19200, 38400, 57600 or 115200"));
  if (seed.ssh) take_over(all, contract::check(*seed.ssh), "/ssh");
  if (!all.fields.empty()) return std::unexpected(std::move(all));
  return seed;
}

}  // namespace berth::seed
