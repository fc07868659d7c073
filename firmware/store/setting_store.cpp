#include "firmware/store/setting_store.hpp"

#include "firmware/store/query.hpp"

namespace berth::store {

Result<std::optional<std::string>> SettingStore::get(std::string_view key) const {
  Query q(*scope_, "SELECT value FROM settings WHERE key = ?");
  q << key;
  if (!TRY(q.step())) return std::nullopt;
  return q.text();
}

Result<void> SettingStore::set(std::string_view key, std::string_view value) {
  Query q(*scope_,
          "INSERT INTO settings (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value");
  q << key << value;
  TRY(q.run());
  return {};
}

Result<void> SettingStore::erase(std::string_view key) {
  Query q(*scope_, "DELETE FROM settings WHERE key = ?");
  q << key;
  TRY(q.run());
  return {};
}

}  // namespace berth::store
