// Settings that people change while the panel runs. Values are short texts; their owners parse them.
#pragma once

#include <optional>
#include <string>

#include "firmware/base/result.hpp"
#include "firmware/store/transaction_scope.hpp"

namespace berth::store {

class SettingStore {
 public:
  explicit SettingStore(TransactionScope& scope) : scope_(&scope) {}
  Result<std::optional<std::string>> get(std::string_view key) const;
  Result<void> set(std::string_view key, std::string_view value);
  Result<void> erase(std::string_view key);

 private:
  TransactionScope* scope_;
};

}  // namespace berth::store
