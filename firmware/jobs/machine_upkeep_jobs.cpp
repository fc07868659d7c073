// What the panel makes for the operator: a bundle for whoever helps, a certificate.
#include <algorithm>

#include "firmware/jobs/machine_payload.hpp"
#include "firmware/jobs/machine_steps.hpp"
#include "firmware/jobs/types.hpp"

namespace berth::jobs {
namespace {

Result<void> collect(StepRun& run) {
  return run.outside.files.keep_bundle(TRY(run.machine.support_bundle()));
}

Result<void> renew(StepRun& run) {
  auto const facts = TRY(run.machine.facts());
  std::vector<std::string> addresses;
  for (auto const& link : TRY(run.machine.network()).links)
    for (auto const& address : link.addresses) addresses.push_back(address.substr(0, address.find('/')));
  return run.outside.certificate.renew(facts.hostname, addresses);
}

constexpr Step record{record_machine_name, record_machine_state};
constexpr Step bundle_steps[] = {{"collect logs and settings", collect}, record};
constexpr Step certificate_steps[] = {{"make the certificate and use it", renew}, record};

}  // namespace

constexpr JobType machine_support_bundle{
    .name = "machine.support-bundle", .steps = bundle_steps, .deadline = std::chrono::minutes(30)};
constexpr JobType machine_renew_certificate{
    .name = "machine.renew-certificate", .steps = certificate_steps, .deadline = std::chrono::minutes(10)};

}  // namespace berth::jobs
