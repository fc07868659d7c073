// What a type's bounds cannot say of the machine's settings: the form of names and addresses, and how links fit together. Pure.
// Both the varlink server and every Machine check what they are given: neither relies on the other.
// Each returns Error{invalid_argument, "invalid-field"} with a JSON pointer per bad field.
#pragma once

#include "drivers/contract/machine_types.hpp"

namespace berth::contract {

Result<void> check(TimeSettings const& settings);
Result<void> check(NetworkSettings const& settings);
Result<void> check(TryNetwork const& wish);
Result<void> check(SshSettings const& settings);
Result<void> check(FactoryReset const& wish);
Result<void> check_machine_name(Hostname const& name);
Result<void> check_found_update_id(FoundUpdateId const& id);

}  // namespace berth::contract
