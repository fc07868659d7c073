// Threat 3: the disk that holds the panel's database is full. Whoever administers the machine still gets in and frees it.
#include <gtest/gtest.h>

#include <cstdlib>

#include "firmware/services/accounts/setup.hpp"
#include "firmware/services/accounts/sign_in.hpp"
#include "firmware/services/compute/server_deletion.hpp"
#include "tests/support/panel.hpp"
#include "tests/support/small_disk.hpp"

namespace berth {
namespace {

constexpr char password[] = "a quiet harbour at night";

// Makes what is temporary land on the small disk, the panel's database among it.
class TemporaryFilesOn {
 public:
  explicit TemporaryFilesOn(std::filesystem::path const& folder) { ::setenv("TMPDIR", folder.c_str(), 1); }
  TemporaryFilesOn(TemporaryFilesOn const&) = delete;
  TemporaryFilesOn& operator=(TemporaryFilesOn const&) = delete;
  ~TemporaryFilesOn() { ::unsetenv("TMPDIR"); }
};

TEST(FullDisk, an_administrator_signs_in_and_deletes_a_server) {
  support::SmallDisk disk("64m");
  if (!disk.ready()) GTEST_SKIP() << "mounting needs root";
  TemporaryFilesOn const here(disk.path());
  support::Panel panel;
  panel.start();
  accounts::Doorkeeper doorkeeper(panel.clock);
  accounts::Client const client{"192.0.2.1", "test", ""};
  auto local = panel.call();
  auto nobody = panel.call(access::Actor::nobody());
  auto const code = accounts::issue_setup_code(local);
  ASSERT_TRUE(code);
  ASSERT_TRUE(accounts::set_up(nobody, doorkeeper, {*code, "maria", password, std::nullopt, std::nullopt}, client));
  auto const made = panel.create("greedy");
  ASSERT_TRUE(made) << describe(made.error());
  ASSERT_EQ(panel.finished(made->job).state, store::JobState::succeeded);

  disk.fill();
  auto const entry = accounts::sign_in(nobody, doorkeeper, "maria", password, client);
  ASSERT_TRUE(entry) << describe(entry.error());
  auto const known = accounts::authenticate(panel.world.store(), entry->session.token, panel.clock.now());
  ASSERT_TRUE(known) << describe(known.error());
  auto hers = panel.call(known->actor);
  auto const server = access::grant_server(hers, made->server, access::Permission::server_delete);
  ASSERT_TRUE(server) << describe(server.error());
  auto const removal = compute::delete_server(hers, *server);
  ASSERT_TRUE(removal) << describe(removal.error());
  EXPECT_EQ(panel.finished(*removal).state, store::JobState::succeeded);
  EXPECT_TRUE(panel.engine().guests()->empty());
}

}  // namespace
}  // namespace berth
