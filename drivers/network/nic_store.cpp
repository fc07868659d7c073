#include "drivers/network/nic_store.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <fstream>
#include <sstream>

#include "firmware/base/descriptor.hpp"

namespace berth::network {
namespace {

Result<void> replace_file(std::filesystem::path const& path, std::string const& text) {
  auto const fresh = path.string() + ".new";
  Descriptor file(::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  if (!file.valid()) return fail_errno(errno, "writing " + fresh);
  if (::write(file.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size()) || ::fdatasync(file.get()) != 0)
    return fail_errno(errno, "writing " + fresh);
  if (::rename(fresh.c_str(), path.c_str()) != 0) return fail_errno(errno, "renaming " + fresh);
  return {};
}

template <class T>
Result<T> read_file(std::filesystem::path const& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  if (!file) return fail(ErrorCode::io, "unreadable", path.string() + " cannot be read");
  auto value = read_json<T>(text.str());
  if (!value) return std::unexpected(std::move(value).error().in("reading " + path.string()));
  return value;
}

}  // namespace

NicStore::NicStore(std::filesystem::path directory) : directory_(std::move(directory)) {}

Result<void> NicStore::load() {
  std::error_code ec;
  std::filesystem::create_directories(directory_ / "nics", ec);
  if (ec) return fail_errno(ec.value(), "making " + directory_.string());
  if (std::filesystem::exists(directory_ / "network.json")) network_ = TRY(read_file<contract::NetworkSpec>(directory_ / "network.json"));
  nics_.clear();
  for (auto const& entry : std::filesystem::directory_iterator(directory_ / "nics", ec)) {
    if (entry.path().extension() != ".json" || !contract::is_guest_id(entry.path().stem().string())) continue;
    nics_[entry.path().stem().string()] = TRY(read_file<contract::NicSpec>(entry.path()));
  }
  return {};
}

Result<void> NicStore::keep_network(contract::NetworkSpec const& network) {
  TRY(replace_file(directory_ / "network.json", write_json(network)));
  network_ = network;
  return {};
}

Result<void> NicStore::keep(std::string const& guest, contract::NicSpec const& nic) {
  TRY(replace_file(directory_ / "nics" / (guest + ".json"), write_json(nic)));
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
