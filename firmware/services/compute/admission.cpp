#include "firmware/services/compute/admission.hpp"

#include <algorithm>
#include <format>

namespace berth::compute {
namespace {

constexpr std::uint64_t reserve_min = 512 * mib;
constexpr std::uint64_t reserve_percent = 5;
constexpr std::uint64_t storage_used_percent_max = 90;

std::unexpected<Error> refused(std::string slug, std::string message, FieldRule rule, std::uint64_t free) {
  Error error{ErrorCode::exhausted, std::move(slug), std::move(message)};
  error.fields.emplace_back("/plan", Complaint{rule, {.max_bytes = static_cast<std::int64_t>(free)}});
  return std::unexpected(std::move(error));
}

}  // namespace

Bytes memory_reserve(Bytes machine) {
  return Bytes{std::max<std::uint64_t>(reserve_min, machine.count / 100 * reserve_percent)};
}

Bytes memory_free_to_sell(store::NodeFacts const& machine, Bytes promised) {
  auto const kept = memory_reserve(Bytes{machine.memory_bytes}).count + promised.count;
  return Bytes{machine.memory_bytes - std::min(machine.memory_bytes, kept)};
}

bool storage_is_full(store::NodeFacts const& machine) {
  auto const used = machine.storage_bytes - std::min(machine.storage_bytes, machine.storage_free_bytes);
  return used > machine.storage_bytes / 100 * storage_used_percent_max;
}

Result<void> admit(store::Plan const& plan, store::NodeFacts const& machine, Bytes promised) {
  auto const free = memory_free_to_sell(machine, promised);
  if (plan.memory > free)
    return refused(
        "memory-promised",
        std::format("The memory of this machine is promised to other servers; {} MiB is free.", free.count / mib),
        FieldRule::plan_over_free_memory, free.count);
  if (storage_is_full(machine))
    return refused(
        "storage-full",
        std::format("The storage of this machine is nearly full; {} MiB is free.", machine.storage_free_bytes / mib),
        FieldRule::storage_full, machine.storage_free_bytes);
  return {};
}

}  // namespace berth::compute
