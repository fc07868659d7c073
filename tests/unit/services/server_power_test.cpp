#include "firmware/services/compute/server_power.hpp"

#include <gtest/gtest.h>

#include "firmware/services/compute/console_tickets.hpp"
#include "firmware/services/compute/server_deletion.hpp"
#include "firmware/services/compute/server_listing.hpp"
#include "tests/support/panel.hpp"

namespace berth::compute {
namespace {

using enum PowerAct;

// Rows are states, columns are acts: "" is allowed, else the slug of the refusal.
TEST(PowerRules, are_this_table) {
  struct Row {
    ServerState state;
    std::array<std::string_view, 6> start_shutdown_restart_off_pause_resume;
  };
  constexpr std::string_view down = "server-not-running";
  constexpr std::string_view held = "server-paused";
  constexpr std::string_view none = "server-not-built";
  for (auto const& row : {
           Row{ServerState::stopped, {"", "", down, "", down, down}},
           Row{ServerState::crashed, {"", "", down, "", down, down}},
           Row{ServerState::running, {"", "", "", "", "", ""}},
           Row{ServerState::paused, {held, held, held, "", "", ""}},
           Row{ServerState::unknown, {"", "", "", "", "", ""}},
           Row{ServerState::starting, {"", "", "", "", "", ""}},
           Row{ServerState::stopping, {"", "", "", "", "", ""}},
           Row{ServerState::creating, {none, none, none, none, none, none}},
           Row{ServerState::failed, {none, none, none, none, none, none}},
           Row{ServerState::deleting, {none, none, none, none, none, none}},
       }) {
    std::size_t column = 0;
    for (auto act : {start, shutdown, restart, power_off, pause, resume}) {
      auto const refusal = why_not_power(row.state, act);
      EXPECT_EQ(refusal ? refusal->slug : "", row.start_shutdown_restart_off_pause_resume[column++])
          << boost::describe::enum_to_string(row.state, "") << " " << boost::describe::enum_to_string(act, "");
    }
  }
}

// What one word describes a server, for each combination that can occur.
TEST(ServerStates, follow_wish_build_job_and_observation) {
  using store::BuildState;
  using store::ObservedState;
  using store::WantedState;
  struct Row {
    WantedState wanted;
    BuildState build;
    char const* job;
    ObservedState seen;
    ServerState expected;
  };
  for (auto const& row : {
           Row{WantedState::running, BuildState::building, "server.create", ObservedState::unknown,
               ServerState::creating},
           Row{WantedState::running, BuildState::building, "server.create", ObservedState::running,
               ServerState::creating},
           Row{WantedState::running, BuildState::failed, "", ObservedState::absent, ServerState::failed},
           Row{WantedState::running, BuildState::built, "", ObservedState::running, ServerState::running},
           Row{WantedState::stopped, BuildState::built, "server.start", ObservedState::stopped, ServerState::starting},
           Row{WantedState::running, BuildState::built, "server.start", ObservedState::running, ServerState::running},
           Row{WantedState::stopped, BuildState::built, "server.stop", ObservedState::running, ServerState::stopping},
           Row{WantedState::stopped, BuildState::built, "server.stop", ObservedState::stopped, ServerState::stopped},
           Row{WantedState::running, BuildState::built, "server.restart", ObservedState::running,
               ServerState::stopping},
           Row{WantedState::running, BuildState::built, "server.restart", ObservedState::stopped,
               ServerState::starting},
           Row{WantedState::running, BuildState::built, "", ObservedState::absent, ServerState::stopped},
           Row{WantedState::running, BuildState::built, "", ObservedState::unknown, ServerState::unknown},
           Row{WantedState::running, BuildState::built, "", ObservedState::crashed, ServerState::crashed},
           Row{WantedState::paused, BuildState::built, "", ObservedState::paused, ServerState::paused},
           Row{WantedState::deleted, BuildState::built, "", ObservedState::running, ServerState::deleting},
           Row{WantedState::deleted, BuildState::failed, "server.delete", ObservedState::absent, ServerState::deleting},
       }) {
    store::ServerListing listing;
    listing.server.wanted = row.wanted;
    listing.server.build = row.build;
    listing.active_job_type = row.job;
    listing.observation.state = row.seen;
    EXPECT_EQ(server_state(listing), row.expected)
        << row.job << " " << boost::describe::enum_to_string(row.expected, "");
  }
}

class Servers : public ::testing::Test {
 protected:
  support::Panel panel;

  ServerId running(std::string name) {
    auto const server = panel.world.add_server(name);
    store::ServerObservation seen;
    seen.server = server;
    seen.state = store::ObservedState::running;
    EXPECT_TRUE(panel.world.store().write(panel.world.author(),
                                          [&](store::Transaction& tx) { return tx.servers.observe(seen); }));
    return server;
  }
  access::Granted<store::Server> granted(services::Call& call, ServerId const& id) {
    return *access::grant_server(call, id, access::Permission::server_view);
  }
};

TEST_F(Servers, the_same_wish_twice_is_one_job_and_another_must_wait) {
  auto call = panel.call();
  auto const server = running("web");
  auto const first = power(call, granted(call, server), restart);
  ASSERT_TRUE(first);
  EXPECT_EQ(power(call, granted(call, server), restart), *first);
  auto const other = power(call, granted(call, server), power_off);
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().slug, "job-under-way");
  auto const deletion = delete_server(call, granted(call, server));
  ASSERT_FALSE(deletion);
  EXPECT_EQ(deletion.error().slug, "job-under-way");
  EXPECT_EQ(panel.count_events("server.power_wished"), 1);
}

TEST_F(Servers, what_is_wanted_is_remembered) {
  auto call = panel.call();
  auto const server = running("web");
  ASSERT_TRUE(power(call, granted(call, server), shutdown));
  EXPECT_EQ(view_server(call, granted(call, server))->server.wanted, store::WantedState::stopped);
}

TEST_F(Servers, a_console_ticket_opens_one_console_once) {
  auto call = panel.call();
  auto const server = running("web");
  EXPECT_EQ(issue_console_ticket(call, granted(call, server), store::TicketKind::vnc).error().code,
            ErrorCode::unsupported);
  auto const ticket = issue_console_ticket(call, granted(call, server), store::TicketKind::serial);
  ASSERT_TRUE(ticket);
  EXPECT_LE(ticket->expires_at - call.now, std::chrono::seconds(60));
  auto const opened = redeem_console_ticket(call, ticket->secret);
  ASSERT_TRUE(opened);
  EXPECT_EQ(opened->server, server);
  EXPECT_FALSE(redeem_console_ticket(call, ticket->secret));
  EXPECT_FALSE(redeem_console_ticket(call, "guessed"));
  auto const stopped = panel.world.add_server("off");
  EXPECT_EQ(issue_console_ticket(call, granted(call, stopped), store::TicketKind::serial).error().slug,
            "server-not-running");
}

TEST_F(Servers, lists_refuse_strange_limits_and_cursors) {
  auto call = panel.call();
  auto const reach = *access::grant_reach(call, access::Permission::server_view);
  for (auto const& page : {store::PageWish{0, ""}, store::PageWish{101, ""}})
    EXPECT_EQ(list_servers(call, reach, page).error().fields.at(0).pointer, "?limit");
  for (auto const& page : {store::PageWish{20, "x"}, store::PageWish{20, JobId::fresh().str()},
                           store::PageWish{20, "srv_'; DROP TABLE servers"}})
    EXPECT_EQ(list_servers(call, reach, page).error().fields.at(0).pointer, "?cursor");
  running("web");
  EXPECT_EQ(list_servers(call, reach, {20, ""})->items.size(), 1u);
}

}  // namespace
}  // namespace berth::compute
