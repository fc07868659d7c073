// A machine for the driver inside this process: mount and network namespaces of its own, the bridge, virtlogd,
// libvirtd.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "drivers/contract/driver.hpp"

namespace berth::kvm::test {

// Leaves the machine's own namespaces. Call it first in main(), before there are threads.
void enter_namespaces();

// Waits for it; false at the limit.
bool comes_true(std::function<bool()> const& condition, std::chrono::seconds limit);

// A program that ends with this object.
class Daemon {
 public:
  explicit Daemon(std::vector<std::string> argv);
  ~Daemon();
  Daemon(Daemon const&) = delete;
  Daemon& operator=(Daemon const&) = delete;
  void signal(int number) const;
  void end(int number);  // signals and waits

 private:
  pid_t pid_ = -1;
};

class VirtualHost {
 public:
  VirtualHost();
  ~VirtualHost();

  void start_libvirtd();
  Daemon& libvirtd() { return *libvirtd_; }
  contract::Directories const& directories() const { return directories_; }

 private:
  std::filesystem::path root_;
  contract::Directories directories_;
  std::unique_ptr<Daemon> virtlogd_;
  std::unique_ptr<Daemon> libvirtd_;
};

// Disks that are copies of the tiny image.
class TestDisks final : public contract::DiskStore {
 public:
  explicit TestDisks(contract::Directories directories) : directories_(std::move(directories)) {}
  Result<void> create_disk(contract::CreateDisk const& wish) override;
  Result<void> delete_disk(contract::GuestId const& guest) override;
  Result<std::filesystem::path> disk_path(contract::GuestId const& guest) override;
  Result<contract::ImageFacts> import_image(contract::ImportImage const&, Descriptor) override { return unused(); }
  Result<std::vector<contract::ImageFacts>> images() override { return unused(); }
  Result<void> remove_image(contract::ImageName const&) override { return unused(); }
  Result<std::filesystem::path> image_tree(contract::ImageName const&) override { return unused(); }
  Result<json::value> image_config(contract::ImageName const&) override { return unused(); }
  Result<std::uint64_t> disk_allocated_bytes(contract::GuestId const&) override { return unused(); }

 private:
  static std::unexpected<Error> unused() {
    return fail(ErrorCode::unsupported, "unsupported", "not part of this test");
  }
  contract::Directories directories_;
};

// What a viewer sees.
class Viewer {
 public:
  explicit Viewer(Descriptor socket) : socket_(std::move(socket)) {}
  // Reads until `text` came; false at the deadline or the end of the stream. What was read before is forgotten.
  bool sees(std::string_view text, int seconds = 90);
  void types(std::string_view text) const;
  std::string const& seen() const { return seen_; }

 private:
  Descriptor socket_;
  std::string seen_;
};

}  // namespace berth::kvm::test
