// What the machine says of itself becomes what the panel knows; files that nobody needs any more go.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "firmware/reconcilers/reconcilers.hpp"
#include "firmware/services/system/machine.hpp"
#include "tests/support/panel.hpp"

namespace berth::reconcilers {
namespace {

class ObservingTheMachine : public ::testing::Test {
 protected:
  support::Panel panel;
  std::unique_ptr<Reconciler> observe = observe_machine(panel.outside().all());

  Result<void> run() {
    services::Call call(panel.world.store(), access::Actor::reconciler(observe->name()),
                        panel.clock.now() + std::chrono::minutes(++runs_), panel.settings);
    return observe->run(call);
  }
  jobs::MachineSeen seen() {
    return panel.world.store().read([](store::Snapshot& s) { return jobs::last_look(s); }).value().value().seen;
  }

 private:
  int runs_ = 0;  // each is later than what the one before kept
};

TEST_F(ObservingTheMachine, a_change_is_told_once_and_the_passing_of_time_never) {
  ASSERT_TRUE(run());
  EXPECT_EQ(seen().facts.hostname, "berth");
  EXPECT_EQ(seen().found.size(), 2u);
  EXPECT_EQ(panel.count_events("machine.changed"), 1);
  observe = observe_machine(panel.outside().all());
  ASSERT_TRUE(run());
  EXPECT_EQ(panel.count_events("machine.changed"), 1);
  ASSERT_TRUE(panel.machine().set_hostname(contract::Hostname::parse("elsewhere").value()));
  observe = observe_machine(panel.outside().all());
  ASSERT_TRUE(run());
  EXPECT_EQ(seen().facts.hostname, "elsewhere");
  EXPECT_EQ(panel.count_events("machine.changed"), 2);
}

TEST_F(ObservingTheMachine, a_settled_machine_is_asked_rarely_and_one_on_trial_each_time) {
  ASSERT_TRUE(run());
  ASSERT_TRUE(panel.machine().set_hostname(contract::Hostname::parse("elsewhere").value()));
  ASSERT_TRUE(run());
  EXPECT_EQ(seen().facts.hostname, "berth");
  contract::TryNetwork trial{contract::network_as_new(), {}};
  trial.settings.links.items.front().mtu = Number<1280, 9216>{1400};
  trial.confirm_within_s.value = 600;
  ASSERT_TRUE(panel.machine().try_network(trial));
  observe = observe_machine(panel.outside().all());
  ASSERT_TRUE(run());
  ASSERT_TRUE(seen().network.tried);
  ASSERT_TRUE(panel.machine().revert_network());
  ASSERT_TRUE(run());
  EXPECT_FALSE(seen().network.tried);
  EXPECT_EQ(seen().found.size(), 2u) << "a quick look keeps what the thorough one found";
}

TEST_F(ObservingTheMachine, an_update_that_no_job_needs_goes) {
  auto incoming = panel.outside().files().receive(4);
  ASSERT_TRUE(incoming);
  ASSERT_TRUE(run());
  ASSERT_TRUE(incoming->add("abcd")) << "what is being received stays";
  ASSERT_TRUE(incoming->finish());
  incoming->keep();
  auto const name = incoming->name();
  {
    auto const over = *std::move(incoming);
  }
  EXPECT_TRUE(panel.outside().files().open_update(name));
  ASSERT_TRUE(run());
  EXPECT_EQ(panel.outside().files().open_update(name).error().slug, "update-gone");
}

}  // namespace
}  // namespace berth::reconcilers
