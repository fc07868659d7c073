#include "firmware/app/master_key.hpp"

#include <cstdlib>

#include "firmware/base/log.hpp"

namespace berth::app {
namespace {

constexpr auto setting = "master-key.check";
constexpr auto known = "berth";

}  // namespace

Result<SecretBox> open_master_key(std::filesystem::path const& state) {
  if (char const* const folder = std::getenv("CREDENTIALS_DIRECTORY"); folder != nullptr) {
    auto const credential = std::filesystem::path(folder) / "berth-master-key";
    if (std::error_code error; std::filesystem::exists(credential, error)) return SecretBox::from_file(credential);
  }
  return SecretBox::from_own_file(state / "master.key");
}

Result<void> check_master_key(services::Call& call, SecretBox const& secrets) {
  return call.write([&](store::Transaction& tx) -> Result<void> {
    auto const sealed = TRY(tx.settings.get(setting));
    if (!sealed) return tx.settings.set(setting, secrets.seal("", setting, known));
    if (auto const opened = secrets.open("", setting, *sealed); !opened || *opened != known)
      log(LogLevel::error, "app", "the master key is not the one that this database's secrets were sealed with");
    return {};
  });
}

}  // namespace berth::app
