#include <chrono>
#include <optional>

#include "firmware/reconcilers/reconcilers.hpp"
#include "firmware/services/system/machine.hpp"

namespace berth::reconcilers {
namespace {

using namespace std::chrono_literals;

class ObserveMachine final : public Reconciler {
 public:
  explicit ObserveMachine(jobs::Outside const& outside) : outside_(outside) {}
  std::string_view name() const override { return "observe-machine"; }
  std::chrono::milliseconds interval() const override { return 2s; }

  Result<void> run(services::Call& call) override {
    auto const system = TRY(access::grant_system(call, access::Permission::system_manage));
    TRY(outside_.files.sweep(TRY(services::updates_in_use(call, system))));
    auto const before = TRY(call.read([](store::Snapshot& s) { return jobs::last_look(s); }));
    auto const now = std::chrono::steady_clock::now();
    bool const due = !looked_ || now - *looked_ >= every;
    if (!due && (!before || !jobs::is_unsettled(before->seen))) return {};
    // Looking for updates takes seconds: not while everything else is to be seen every two.
    auto const seen = TRY(jobs::look_at_machine(outside_, before, due ? jobs::Depth::with_found : jobs::Depth::quick));
    if (due) looked_ = now;
    return services::record_machine(call, system, seen);
  }

 private:
  static constexpr auto every = 60s;
  jobs::Outside const outside_;
  std::optional<std::chrono::steady_clock::time_point> looked_;
};

}  // namespace

std::unique_ptr<Reconciler> observe_machine(jobs::Outside const& outside) {
  return std::make_unique<ObserveMachine>(outside);
}

}  // namespace berth::reconcilers
