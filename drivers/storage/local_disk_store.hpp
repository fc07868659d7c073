// Images and guest disks as files under state/ (Directories), on a file system that keeps sparse files; reflink is used
// where it works.
//
//   state/images/NAME/facts.json   digest of the imported file, and what images() says of it
//   state/images/NAME/image.qcow2  a VM's image: qcow2 v3, no backing file, 0640 root:libvirt-qemu (the base of overlays)
//   state/images/NAME/tree/        a container's rootfs, ids as in the image (0-based); mounted read-only and id-mapped
//   state/images/NAME/config.json  its OCI image config
//   state/guests/GUEST/disk.qcow2  a VM's disk, 0600; libvirt gives it to QEMU while the guest runs
//   state/guests/GUEST/disk.ext4   a container's disk: sparse ext4 with upper/ and work/, ids 0-based as well
//   state/guests/GUEST/disk.json   which image and size; written last, so a disk without it is none
//   state/work/                    imports and disks under way; emptied by open()
#pragma once

#include <memory>
#include <mutex>

#include "drivers/contract/driver.hpp"
#include "drivers/sandbox/sandbox.hpp"

namespace berth::storage {

class LocalDiskStore final : public contract::DiskStore {
  struct Opened {};  // open() alone makes one

 public:
  // Makes the folders, removes what a crash left half-made. `sandbox_program`: the path of berth-sandbox. Errors: io.
  static Result<std::unique_ptr<LocalDiskStore>> open(contract::Directories directories,
                                                      std::filesystem::path sandbox_program);

  Result<contract::ImageFacts> import_image(contract::ImportImage const& wish, Descriptor file) override;
  Result<std::vector<contract::ImageFacts>> images() override;
  Result<void> remove_image(contract::ImageName const& image) override;
  Result<void> create_disk(contract::CreateDisk const& wish) override;
  Result<void> delete_disk(contract::GuestId const& guest) override;
  Result<std::filesystem::path> disk_path(contract::GuestId const& guest) override;
  Result<std::filesystem::path> image_tree(contract::ImageName const& image) override;
  Result<json::value> image_config(contract::ImageName const& image) override;
  Result<std::uint64_t> disk_allocated_bytes(contract::GuestId const& guest) override;

  // Whether the file system under state/ clones files in O(1) (FICLONE).
  bool reflink() const { return reflink_; }

  LocalDiskStore(Opened, contract::Directories directories, std::filesystem::path sandbox_program, bool reflink);

 private:
  std::filesystem::path image_folder(contract::ImageName const& image) const;
  std::filesystem::path guest_folder(contract::GuestId const& guest) const;
  Result<contract::ImageFacts> import_new(contract::ImportImage const& wish, int file);

  contract::Directories directories_;
  sandbox::Sandbox sandbox_;
  bool reflink_;
  std::mutex imports_;  // one at a time: they are long, and a second of the same name finds the first one's result
  std::mutex changes_;  // removals and disks take turns: each looks before it renames
};

}  // namespace berth::storage
