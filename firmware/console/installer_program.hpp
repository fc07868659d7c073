// berth-installer (drivers/installer/program) behind the pages.
#pragma once

#include <vector>

#include "firmware/console/install_page.hpp"

namespace berth::console {

class InstallerProgram final : public Installer {
 public:
  explicit InstallerProgram(std::string program) : program_(std::move(program)) {}

  Result<contract::InstallOffer> offer() override;
  Result<std::optional<contract::SeededInstall>> seeded() override;
  Result<void> install(contract::InstallWish const& wish,
                       std::function<void(contract::InstallReport const&)> const& progress) override;

 private:
  std::string program_;
};

}  // namespace berth::console
