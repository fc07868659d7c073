#include <fcntl.h>

#include <cerrno>

#include "firmware/events/event.hpp"
#include "firmware/jobs/guest_specs.hpp"
#include "firmware/jobs/payload.hpp"
#include "firmware/jobs/types.hpp"

namespace berth::jobs {
namespace {

Result<ImageId> image_of(store::Job const& job) {
  return ImageId::parse(TRY(payload_of<ImagePayload>(job)).image);
}

Result<void> import_file(StepRun& run) {
  auto const id = TRY(image_of(run.job));
  auto const image = TRY(run.store.read([&](store::Snapshot& s) { return s.images.find(id.str()); }));
  Descriptor file(::open(image.source.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY));
  if (!file.valid()) return fail_errno(errno, "open the image's file " + image.source);
  contract::ImportImage wish;
  wish.image = image_name(id);
  wish.kind = image.kind == store::ServerKind::vm ? contract::GuestKind::vm : contract::GuestKind::container;
  wish.format =
      image.format == store::ImageFormat::qcow2 ? contract::ImageFormat::qcow2 : contract::ImageFormat::oci_archive;
  wish.sha256 = TRY(contract::Digest::parse(image.sha256));
  auto const facts = TRY(run.engine.import_image(wish, std::move(file)));
  return run.write([&](store::Transaction& tx) {
    return tx.images.set_sizes(id, Bytes{facts.stored_bytes}, Bytes{facts.virtual_bytes});
  });
}

Result<void> remove_import(StepRun& run) {
  return run.engine.remove_image(image_name(TRY(image_of(run.job))));
}

Result<void> ready(store::Transaction& tx, store::Job const& job) {
  auto const id = TRY(image_of(job));
  TRY(tx.images.set_state(id, store::ImageState::ready, ""));
  return tx.events.add(events::ImageReady{id, TRY(payload_of<ImagePayload>(job)).name});
}

Result<void> not_ready(store::Transaction& tx, store::Job const& job) {
  auto const id = TRY(image_of(job));
  TRY(tx.images.set_state(id, store::ImageState::failed, job.error_message));
  return tx.events.add(events::ImageImportFailed{id, TRY(payload_of<ImagePayload>(job)).name, job.error_message});
}

Result<void> importing_again(store::Transaction& tx, store::Job const& job) {
  return tx.images.set_state(TRY(image_of(job)), store::ImageState::importing, "");
}

constexpr Step steps[] = {{"check and unpack the file", import_file, remove_import}};

}  // namespace

constexpr JobType image_import{
    .name = "image.import",
    .steps = steps,
    .deadline = std::chrono::hours(2),
    .after_failure = JobType::AfterFailure::undo,
    .succeeded = ready,
    .failed = not_ready,
    .retried = importing_again,
};

}  // namespace berth::jobs
