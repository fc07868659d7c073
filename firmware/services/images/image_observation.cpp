#include "firmware/services/images/image_observation.hpp"

#include <algorithm>

#include "firmware/events/event.hpp"
#include "firmware/jobs/guest_specs.hpp"
#include "firmware/jobs/wishes.hpp"

namespace berth::images {

namespace {

// What became ready after the engine was asked is not missing. The bound is for a clock that was turned back.
bool is_newer(store::Image const& image, Moment asked) {
  return image.state_since >= asked && image.state_since - asked < std::chrono::minutes(1);
}

}  // namespace

Result<int> record_images(Call& call, Granted<access::System> const&, std::vector<contract::ImageFacts> const& images) {
  return call.write([&](store::Transaction& tx) -> Result<int> {
    int missing = 0;
    for (auto const& image : TRY(tx.images.all())) {
      if (image.state != store::ImageState::ready || is_newer(image, call.now)) continue;
      if (std::ranges::contains(images, jobs::image_name(image.id).str(), &contract::ImageFacts::image)) continue;
      TRY(tx.images.set_state(image.id, store::ImageState::importing, "The engine had lost it."));
      TRY(tx.events.add(events::ImageLost{image.id, image.name}));
      TRY(tx.jobs.enqueue(jobs::ImageImport{image.id, image.name}));
      ++missing;
    }
    return missing;
  });
}

}  // namespace berth::images
