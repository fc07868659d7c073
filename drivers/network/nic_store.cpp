#include "drivers/network/nic_store.hpp"

#include <unistd.h>

#include <cerrno>

#include "firmware/base/files.hpp"

namespace berth::network {
namespace {

constexpr std::size_t record_bytes_max = 64 * 1024;
constexpr mode_t record_mode = 0600;

template <class T>
Result<T> read_record(std::filesystem::path const& path) {
  auto value = read_json<T>(TRY(read_file(path, record_bytes_max)));
  if (!value) return std::unexpected(std::move(value).error().in("reading " + path.string()));
  return value;
}

}  // namespace

NicStore::NicStore(std::filesystem::path directory) : directory_(std::move(directory)) {}

Result<void> NicStore::load() {
  std::error_code ec;
  for (auto const& directory : {directory_, directory_ / "nics"}) {
    TRY(ensure_directory(directory, 0700));
    remove_unfinished_files(directory);
  }
  if (std::filesystem::exists(directory_ / "network.json"))
    network_ = TRY(read_record<contract::NetworkSpec>(directory_ / "network.json"));
  nics_.clear();
  for (auto const& entry : std::filesystem::directory_iterator(directory_ / "nics", ec)) {
    if (entry.path().extension() != ".json" || !contract::is_guest_id(entry.path().stem().string())) continue;
    nics_[entry.path().stem().string()] = TRY(read_record<contract::NicSpec>(entry.path()));
  }
  return {};
}

Result<void> NicStore::keep_network(contract::NetworkSpec const& network) {
  TRY(replace_file(directory_ / "network.json", write_json(network), record_mode));
  network_ = network;
  return {};
}

Result<void> NicStore::keep(std::string const& guest, contract::NicSpec const& nic) {
  TRY(replace_file(directory_ / "nics" / (guest + ".json"), write_json(nic), record_mode));
  nics_[guest] = nic;
  return {};
}

Result<void> NicStore::forget(std::string const& guest) {
  auto const path = directory_ / "nics" / (guest + ".json");
  if (::unlink(path.c_str()) != 0 && errno != ENOENT) return fail_errno(errno, "removing " + path.string());
  nics_.erase(guest);
  return {};
}

}  // namespace berth::network
