#include "firmware/jobs/guest_specs.hpp"
#include "firmware/jobs/payload.hpp"
#include "firmware/jobs/types.hpp"

namespace berth::jobs {
namespace {

Result<void> remove_from_engine(StepRun& run) {
  auto const id = TRY(ImageId::parse(TRY(payload_of<ImagePayload>(run.job)).image));
  // It may have been registered again since this was asked for.
  if (!TRY(run.store.read([&](store::Snapshot& s) { return image_is_done_with(s, id); }))) return {};
  auto removed = run.engine.remove_image(image_name(id));
  if (!removed && removed.error().code == ErrorCode::conflict) {
    run.say("A guest that the panel does not know rests on it: it stays.");
    return {};
  }
  return removed;
}

constexpr Step steps[] = {{"remove the image from the machine", remove_from_engine}};

}  // namespace

constexpr JobType image_remove{
    .name = "image.remove",
    .steps = steps,
    .deadline = std::chrono::minutes(10),
};

}  // namespace berth::jobs
