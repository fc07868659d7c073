// RAUC as the engine sees it: it checks bundles, writes slots and says how that goes. Over D-Bus, de.pengutronix.rauc.Installer
// (https://rauc.readthedocs.io/en/v1.13/reference.html#d-bus-api).
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "drivers/contract/machine_types.hpp"

namespace berth::host {

// What the signed part of a bundle says.
struct BundleFacts {
  std::string compatible;
  std::string version;
  std::string format;
};

// What was last written into a slot by it.
struct SlotRecord {
  std::string status;  // "ok": all of it; "": it never wrote there
  std::string version;
  std::string transaction;  // what install() was called with
};

struct ServiceProgress {
  bool installing = false;
  std::int64_t percent = 0;
  std::string step;
  std::string last_error;  // of the last installation since the service started; empty: none
};

// Thread-safe. Errors of every call: unavailable (no bus, or no answer), conflict ("updates-busy": it is at something else), io.
class UpdateService {
 public:
  virtual ~UpdateService() = default;

  // Errors: corrupt (not a bundle, or not signed by whom this machine trusts).
  virtual Result<BundleFacts> inspect(std::filesystem::path const& bundle) = 0;
  // Returns when it has begun. The file must stay as it is until it has ended.
  virtual Result<void> install(std::filesystem::path const& bundle, std::string const& transaction) = 0;
  virtual Result<ServiceProgress> progress() = 0;
  virtual Result<std::array<SlotRecord, 2>> slots() = 0;  // a, b
  // The next start takes this slot.
  virtual Result<void> activate(contract::SlotName slot) = 0;
};

std::unique_ptr<UpdateService> update_service();

}  // namespace berth::host
