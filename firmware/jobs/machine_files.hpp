// The panel's large files about the machine itself: an update on its way to the engine, and the last support bundle. One folder,
// 0700; every file in it 0600. Thread-safe. One process at a time (the store's lock sees to that).
#pragma once

#include <boost/describe.hpp>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "firmware/base/descriptor.hpp"
#include "firmware/base/result.hpp"

namespace berth::jobs {

struct BundleFacts {
  std::int64_t made_ms = 0;
  std::uint64_t size_bytes = 0;
};
BOOST_DESCRIBE_STRUCT(BundleFacts, (), (made_ms, size_bytes))

class MachineFiles {
 public:
  static constexpr std::uint64_t update_bytes_max = std::uint64_t{1} << 30;
  // Stays free for the database while an update is received.
  static constexpr std::uint64_t reserve_bytes = std::uint64_t{64} << 20;
  static constexpr std::uint64_t bundle_bytes_max = std::uint64_t{512} << 20;

  // Makes the folder. Errors: io.
  static Result<std::unique_ptr<MachineFiles>> open(std::filesystem::path folder);
  explicit MachineFiles(std::filesystem::path folder) : folder_(std::move(folder)) {}

  // An update that is being received. Unless it is kept, its destructor takes the file away again.
  class Incoming {
   public:
    Incoming(Incoming&& other) noexcept;
    Incoming& operator=(Incoming&&) = delete;
    ~Incoming();

    // Errors: exhausted ("disk-full"), too_large (more than was announced), io.
    Result<void> add(std::string_view bytes);
    // All of it is on the disk. Errors: invalid_argument ("body-too-short"). A failed fsync is fatal.
    Result<void> finish();
    std::string const& name() const { return name_; }
    // Somebody's now: a job names it in its payload.
    void keep() { kept_ = true; }

   private:
    friend class MachineFiles;
    Incoming(MachineFiles& files, std::string name, Descriptor file, std::uint64_t bytes)
        : files_(&files), name_(std::move(name)), file_(std::move(file)), bytes_(bytes) {}
    MachineFiles* files_;
    std::string name_;
    Descriptor file_;
    std::uint64_t bytes_;
    std::uint64_t got_ = 0;
    bool kept_ = false;
  };
  // Room for that many bytes is taken at once. Errors: conflict ("upload-under-way"), too_large, exhausted ("disk-full").
  Result<Incoming> receive(std::uint64_t bytes);
  // Errors: not_found ("update-gone").
  Result<Descriptor> open_update(std::string const& name) const;
  // What is not there is removed already.
  Result<void> remove_update(std::string const& name) const;
  // Takes away every update that is not named here nor being received.
  Result<void> sweep(std::set<std::string> const& named) const;

  // Copies the bundle (from its offset 0) to where the last one was. Errors: too_large, exhausted, io.
  Result<void> keep_bundle(Descriptor const& from) const;
  std::optional<BundleFacts> bundle() const;
  // Errors: not_found ("no-support-bundle").
  Result<Descriptor> open_bundle() const;

 private:
  Result<std::uint64_t> free_bytes() const;
  std::filesystem::path const folder_;
  mutable std::mutex mutex_;
  std::string receiving_;  // "": nothing
};

}  // namespace berth::jobs
