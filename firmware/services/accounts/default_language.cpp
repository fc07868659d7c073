#include "firmware/services/accounts/default_language.hpp"

#include "firmware/base/json.hpp"
#include "firmware/events/event.hpp"

namespace berth::accounts {
namespace {

constexpr std::string_view key = "language";

}  // namespace

Result<std::optional<Language>> default_language(store::Snapshot& snapshot) {
  auto const kept = TRY(snapshot.settings.get(key));
  if (!kept) return std::nullopt;
  Language language{};
  // A newer release may have known more.
  if (!boost::describe::enum_from_string(kept->c_str(), language)) return std::nullopt;
  return language;
}

Result<void> keep_default_language(store::Transaction& tx, Language language) {
  std::string const name = boost::describe::enum_to_string(language, "");
  if (TRY(tx.settings.get(key)) == name) return {};
  TRY(tx.settings.set(key, name));
  return tx.events.add(events::LanguageChosen{TRY(tx.nodes.local()).id, name});
}

Result<void> set_default_language(services::Call& call, services::Granted<access::System> const&, Language language) {
  return call.write([&](store::Transaction& tx) { return keep_default_language(tx, language); });
}

}  // namespace berth::accounts
