// The installer's pages: which disk, what will be lost, how far it is. On the installer's medium they are all there is.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "drivers/contract/installer_types.hpp"
#include "firmware/console/dialogue.hpp"

namespace berth::console {

// The installer's program as the pages see it. Belongs to one thread.
class Installer {
 public:
  virtual ~Installer() = default;
  virtual Result<contract::InstallOffer> offer() = 0;
  // nullopt: no seed says anything of it.
  virtual Result<std::optional<contract::SeededInstall>> seeded() = 0;
  // Returns when it is done. The error is for a person.
  virtual Result<void> install(contract::InstallWish const& wish,
                               std::function<void(contract::InstallReport const&)> const& progress) = 0;
};

struct InstallParts {
  Dialogue& dialogue;
  Installer& installer;
  std::function<Result<void>(contract::AfterInstall)> leave;  // restarts the machine or powers it off
  // What the terminals know of one another: whether somebody stopped the seed, which then holds for none of them, and how far an
  // installation is. Gone when the machine restarts.
  std::filesystem::path state = "/run/berth-installer";
};

// Until the machine was told to leave, or the terminal is closed.
void run_installer(InstallParts const& parts);

}  // namespace berth::console
