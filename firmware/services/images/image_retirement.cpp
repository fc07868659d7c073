#include "firmware/services/images/image_retirement.hpp"

#include "firmware/jobs/guest_specs.hpp"
#include "firmware/jobs/wishes.hpp"

namespace berth::images {

Result<int> retire_images(Call& call, Granted<access::System> const&, std::vector<contract::ImageFacts> const& images) {
  constexpr int per_run = 10;
  return call.write([&](store::Transaction& tx) -> Result<int> {
    int retired = 0;
    for (auto const& image : images) {
      auto const id = jobs::image_of(image.image);
      if (!id || !TRY(jobs::image_is_done_with(tx, *id))) continue;
      auto const known = tx.images.find(id->str());
      TRY(tx.jobs.enqueue(jobs::ImageRemove{*id, known ? known->name : image.image}));
      if (++retired == per_run) break;
    }
    return retired;
  });
}

}  // namespace berth::images
