// This machine's two slots, and how a release gets into the one that does not run. RAUC (UpdateService) checks and writes; here is
// decided what may be installed, and remembered what became of it. Outside the appliance nothing of this is called.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

#include "drivers/contract/machine.hpp"
#include "drivers/host/boot_environment.hpp"
#include "drivers/host/machine_paths.hpp"
#include "drivers/host/update_service.hpp"
#include "firmware/base/descriptor.hpp"

namespace berth::host {

// Thread-safe.
class Updates {
 public:
  Updates(MachinePaths const& paths, std::unique_ptr<UpdateService> service);
  ~Updates();
  Updates(Updates const&) = delete;
  Updates& operator=(Updates const&) = delete;

  // Once, when the engine starts: an installation that went on without it is watched again.
  void begin();

  // As in contract::Machine.
  Result<contract::Slots> slots();
  Result<void> choose_slot(contract::SlotName slot);
  Result<void> install(Descriptor bundle);
  Result<contract::UpdateProgress> progress();
  Result<std::vector<contract::FoundUpdate>> find();
  Result<void> install_found(contract::FoundUpdateId const& id);

 private:
  struct Running {
    std::string version;
    std::string board;
    contract::SlotName slot = contract::SlotName::a;
  };
  Result<Running> running() const;
  // Error{corrupt} or {precondition_failed} when this one would not be installed.
  Result<void> may_install(BundleFacts const& facts) const;
  Result<contract::UpdateProgress> progress_now();  // lock_ held
  Result<void> install_now(Descriptor bundle);      // lock_ held
  void watch();                                     // lock_ held

  MachinePaths const paths_;
  std::unique_ptr<UpdateService> service_;
  std::mutex lock_;
  std::condition_variable_any ending_;
  bool watching_ = false;
  std::jthread watcher_;  // last: it uses the others
};

}  // namespace berth::host
