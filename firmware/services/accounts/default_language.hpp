// The language of this installation: what the panel speaks to a browser whose user has not chosen one.
#pragma once

#include <optional>

#include "firmware/base/language.hpp"
#include "firmware/services/call.hpp"

namespace berth::accounts {

// nullopt: nobody said; then the browser's own wish counts.
Result<std::optional<Language>> default_language(store::Snapshot& snapshot);
Result<void> keep_default_language(store::Transaction& tx, Language language);
Result<void> set_default_language(services::Call& call, services::Granted<access::System> const& system,
                                  Language language);

}  // namespace berth::accounts
