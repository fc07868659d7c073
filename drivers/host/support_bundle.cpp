#include "drivers/host/support_bundle.hpp"

#include <archive.h>
#include <archive_entry.h>
#include <sys/mman.h>

#include <cerrno>
#include <chrono>
#include <memory>

#include "drivers/host/redaction.hpp"
#include "firmware/base/process.hpp"

namespace berth::host {
namespace {

constexpr std::size_t output_bytes_max = std::size_t{16} * 1024 * 1024;
constexpr std::chrono::seconds program_deadline{40};

class Tar {
 public:
  static Result<Tar> open() {
    Tar tar;
    tar.file_.reset(memfd_create("support-bundle", MFD_CLOEXEC));
    if (!tar.file_.valid()) return fail_errno(errno, "making a file in memory");
    archive_write_set_format_pax_restricted(tar.archive_.get());
    archive_write_add_filter_gzip(tar.archive_.get());
    if (archive_write_open_fd(tar.archive_.get(), tar.file_.get()) != ARCHIVE_OK) return tar.failed();
    return tar;
  }

  Result<void> add(std::string const& name, std::string const& text) {
    std::unique_ptr<archive_entry, decltype([](archive_entry* e) { archive_entry_free(e); })> entry(
        archive_entry_new());
    archive_entry_set_pathname(entry.get(), ("berth-support/" + name).c_str());
    archive_entry_set_filetype(entry.get(), AE_IFREG);
    archive_entry_set_perm(entry.get(), 0600);
    archive_entry_set_size(entry.get(), static_cast<la_int64_t>(text.size()));
    if (archive_write_header(archive_.get(), entry.get()) != ARCHIVE_OK ||
        archive_write_data(archive_.get(), text.data(), text.size()) != static_cast<la_ssize_t>(text.size()))
      return failed();
    return {};
  }

  Result<Descriptor> close() && {
    if (archive_write_close(archive_.get()) != ARCHIVE_OK) return failed();
    return std::move(file_);
  }

 private:
  std::unexpected<Error> failed() const {
    return std::unexpected(Error{ErrorCode::io,
                                 "bundle-failed",
                                 "The support bundle could not be written.",
                                 {},
                                 archive_error_string(archive_.get()) ? archive_error_string(archive_.get()) : ""});
  }

  Descriptor file_;
  std::unique_ptr<archive, decltype([](archive* a) { archive_write_free(a); })> archive_{archive_write_new()};
};

std::string words_of(BundleProgram const& program) {
  auto const ran = run_program(program.argv, {.deadline = program_deadline, .output_bytes_max = output_bytes_max});
  if (!ran) return "not to be had: " + describe(ran.error()) + "\n";
  if (ran->exit_code == 0) return ran->out;
  return ran->out + "exit code " + std::to_string(ran->exit_code) + "\n" + ran->err;
}

}  // namespace

std::vector<BundleProgram> support_programs() {
  return {
      {"journal.txt", {"journalctl", "--boot", "--no-pager", "--output=short-iso-precise", "--lines=20000"}},
      {"journal-before.txt", {"journalctl", "--boot=-1", "--no-pager", "--output=short-iso-precise", "--lines=5000"}},
      {"units.txt", {"systemctl", "--no-pager", "--full", "--all", "list-units"}},
      {"failed.txt", {"systemctl", "--no-pager", "--full", "--failed", "status"}},
      {"network.txt", {"networkctl", "--no-pager", "--full", "status", "--all"}},
      {"resolver.txt", {"resolvectl", "--no-pager", "status"}},
      {"addresses.txt", {"ip", "-details", "-statistics", "address"}},
      {"routes.txt", {"ip", "route", "show", "table", "all"}},
      {"disks.txt", {"lsblk", "--output=NAME,SIZE,TYPE,FSTYPE,MOUNTPOINTS,MODEL"}},
      {"space.txt", {"df", "--human-readable", "--print-type"}},
      {"memory.txt", {"free", "--wide"}},
  };
}

Result<Descriptor> make_support_bundle(std::vector<BundleFile> files, std::vector<BundleProgram> const& programs) {
  auto tar = TRY(Tar::open());
  for (auto const& file : files) TRY(tar.add(file.name, without_secrets(file.text)));
  for (auto const& program : programs) TRY(tar.add(program.name, without_secrets(words_of(program))));
  return std::move(tar).close();
}

}  // namespace berth::host
