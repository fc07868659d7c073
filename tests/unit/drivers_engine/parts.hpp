// Parts of an engine in memory: what HostEngine is put together from in these tests.
#pragma once

#include <atomic>
#include <fstream>
#include <map>
#include <mutex>

#include "drivers/engine/host_engine.hpp"
#include "tests/support/temporary_folder.hpp"

namespace berth::engine {

using namespace contract;
using support::TemporaryFolder;

class Disks final : public DiskStore {
 public:
  explicit Disks(std::filesystem::path state) : state_(std::move(state)) {}

  Result<ImageFacts> import_image(ImportImage const& wish, Descriptor) override {
    return ImageFacts{wish.image.str(), wish.kind, 1, 1};
  }
  Result<std::vector<ImageFacts>> images() override { return std::vector<ImageFacts>{{"image", GuestKind::vm, 1, 1}}; }
  Result<void> remove_image(ImageName const&) override { return {}; }
  Result<void> create_disk(CreateDisk const& wish) override {
    auto const folder = state_ / "guests" / wish.guest.str();
    std::filesystem::create_directories(folder);
    std::ofstream(folder / (wish.kind == GuestKind::vm ? "disk.qcow2" : "disk.ext4")) << "x";
    return {};
  }
  Result<void> delete_disk(GuestId const& guest) override {
    for (auto const* name : {"disk.qcow2", "disk.ext4"})
      std::filesystem::remove(state_ / "guests" / guest.str() / name);
    return {};
  }
  Result<std::filesystem::path> disk_path(GuestId const& guest) override {
    for (auto const* name : {"disk.qcow2", "disk.ext4"})
      if (auto path = state_ / "guests" / guest.str() / name; std::filesystem::exists(path)) return path;
    return fail(ErrorCode::not_found, "disk-unknown", "no disk");
  }
  Result<std::filesystem::path> image_tree(ImageName const&) override {
    return fail(ErrorCode::not_found, "image-unknown", "none");
  }
  Result<json::value> image_config(ImageName const&) override {
    return fail(ErrorCode::not_found, "image-unknown", "none");
  }
  Result<std::uint64_t> disk_allocated_bytes(GuestId const& guest) override {
    TRY(disk_path(guest));
    return std::uint64_t{4096};
  }

 private:
  std::filesystem::path const state_;
};

class Nets final : public Network {
 public:
  Result<void> ensure_network(NetworkSpec const&) override { return {}; }
  Result<void> connect(GuestId const& guest, NicSpec const&) override {
    std::lock_guard lock(mutex_);
    nics_[guest.str()] = {11, 22};
    return {};
  }
  Result<void> disconnect(GuestId const& guest) override {
    std::lock_guard lock(mutex_);
    nics_.erase(guest.str());
    return {};
  }
  Result<void> plug_namespace(GuestId const&, int) override { return {}; }
  Result<NicCounters> counters(GuestId const& guest) override {
    std::lock_guard lock(mutex_);
    auto const found = nics_.find(guest.str());
    if (found == nics_.end()) return fail(ErrorCode::not_found, "nic-unknown", "none");
    return found->second;
  }
  Result<std::vector<std::string>> connected_guests() override {
    std::lock_guard lock(mutex_);
    std::vector<std::string> ids;
    for (auto const& [id, unused] : nics_) ids.push_back(id);
    return ids;
  }

 private:
  std::mutex mutex_;
  std::map<std::string, NicCounters> nics_;
};

// Guests of one kind. `trouble` makes every call fail; `while_starting` runs inside start().
class Guests final : public GuestDriver {
 public:
  explicit Guests(GuestKind kind) : kind_(kind) {}

  std::optional<Error> trouble;
  std::function<void()> while_starting = [] {};

  void on_change(ChangeListener listener) override { changed = std::move(listener); }
  ChangeListener changed;

  Result<void> define(GuestSpec const& spec) override {
    return change(spec.guest, [](auto& s) { s.state = GuestState::stopped; });
  }
  Result<void> undefine(GuestId const& guest) override {
    std::lock_guard lock(mutex_);
    if (trouble) return std::unexpected(*trouble);
    known_.erase(guest.str());
    return {};
  }
  Result<GuestStatus> start(GuestId const& guest) override {
    while_starting();
    TRY(change(guest, [](auto& s) { s.state = GuestState::running; }));
    return status(guest);
  }
  Result<GuestStatus> stop(StopGuest const& wish) override {
    TRY(change(wish.guest, [](auto& s) { s.state = GuestState::stopped; }));
    return status(wish.guest);
  }
  Result<GuestStatus> pause(GuestId const& guest) override {
    TRY(change(guest, [](auto& s) { s.state = GuestState::paused; }));
    return status(guest);
  }
  Result<GuestStatus> resume(GuestId const& guest) override { return start(guest); }
  Result<GuestStatus> status(GuestId const& guest) override {
    std::lock_guard lock(mutex_);
    if (trouble) return std::unexpected(*trouble);
    auto const found = known_.find(guest.str());
    if (found != known_.end()) return found->second;
    GuestStatus absent;
    absent.guest = guest.str();
    absent.kind = kind_;
    return absent;
  }
  Result<std::vector<GuestStatus>> list() override {
    std::lock_guard lock(mutex_);
    if (trouble) return std::unexpected(*trouble);
    std::vector<GuestStatus> all;
    for (auto const& [id, status] : known_) all.push_back(status);
    return all;
  }
  Result<Descriptor> open_console(GuestId const&, ConsoleKind) override { return Descriptor(::dup(0)); }
  Result<void> resize_console(GuestId const&, ConsoleSize const&) override { return {}; }

 private:
  Result<void> change(GuestId const& guest, auto act) {
    std::lock_guard lock(mutex_);
    if (trouble) return std::unexpected(*trouble);
    auto& status = known_[guest.str()];
    status.guest = guest.str();
    status.kind = kind_;
    act(status);
    return {};
  }

  GuestKind const kind_;
  std::mutex mutex_;
  std::map<std::string, GuestStatus> known_;
};

}  // namespace berth::engine
