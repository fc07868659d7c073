#include "firmware/services/images/image_observation.hpp"

#include <algorithm>

#include "firmware/events/event.hpp"
#include "firmware/jobs/guest_specs.hpp"
#include "firmware/jobs/wishes.hpp"

namespace berth::images {

Result<int> record_images(Call& call, Granted<access::System> const&, std::vector<contract::ImageFacts> const& images) {
  return call.write([&](store::Transaction& tx) -> Result<int> {
    int missing = 0;
    for (auto const& image : TRY(tx.images.all())) {
      // What became ready after the engine was asked is not missing.
      if (image.state != store::ImageState::ready || image.state_since >= call.now) continue;
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
