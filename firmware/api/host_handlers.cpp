#include "firmware/api/host_handlers.hpp"

#include "firmware/services/images/image_catalog.hpp"
#include "firmware/services/system/host_overview.hpp"
#include "firmware/services/system/plan_catalog.hpp"

namespace berth::api {

Result<view::HostAnswer> show_host(Call& call, Granted<access::System> const& system) {
  return view::HostAnswer{view::of(TRY(services::host_overview(call, system)))};
}

Result<view::PlanList> list_plans(Call& call, Granted<access::System> const& system) {
  view::PlanList list;
  for (auto const& plan : TRY(services::list_plans(call, system))) list.items.push_back(view::of(plan));
  return list;
}

Result<view::ImageList> list_images(Call& call, Granted<access::System> const& system) {
  view::ImageList list;
  for (auto const& image : TRY(images::list_images(call, system))) list.items.push_back(view::of(image));
  return list;
}

}  // namespace berth::api
