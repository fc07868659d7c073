// The pages that speak with the machine, on the one in memory; those that speak with the panel as well are tested on the appliance.
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <optional>
#include <regex>

#include "drivers/fake/fake_machine.hpp"
#include "firmware/base/files.hpp"
#include "firmware/base/process.hpp"
#include "firmware/console/console.hpp"
#include "firmware/http/server.hpp"
#include "tests/support/temporary_folder.hpp"
#include "tests/unit/console/script.hpp"

namespace berth::console {
namespace {

// What of the panel the sign-in needs, on a socket of its own.
class SmallPanel final : public http::Handler {
 public:
  SmallPanel() {
    http::Config config;
    config.local = http::LocalListener{socket(), std::nullopt};
    config.workers = 2;
    config.streams_max = 1;
    auto server = http::Server::start(std::move(config), *this);
    if (server)
      server_.emplace(*std::move(server));
    else
      ADD_FAILURE() << describe(server.error());
  }
  std::string socket() const { return folder_.path() / "panel.sock"; }
  void stop_after(int answers) { answers_ = answers; }
  int resets() const { return resets_; }

  http::Response handle(http::Request const& request) override {
    if (answers_-- <= 0) return http::Response::text(503, "");
    http::Response response;
    response.headers.add("Content-Type", "application/json");
    if (request.path == "/api/v1/setup") response.body = R"({"needed": false})";
    if (request.path == "/api/v1/users")
      response.body = R"({"items": [{"id": "usr_1", "name": "carl", "role": "member"},
                                    {"id": "usr_2", "name": "maria", "role": "superadmin"}]})";
    if (request.path == "/api/v1/users/usr_2/password-resets" && request.method == http::Method::post) {
      ++resets_;
      response.body = R"({"password": "a-new-one"})";
    }
    if (response.body.empty()) response.status = 404;
    return response;
  }
  http::WebSocketDecision accept_websocket(http::Request const&) override { return http::Response::text(404, ""); }

 private:
  support::TemporaryFolder folder_;
  std::atomic<int> answers_ = 1000, resets_ = 0;
  std::optional<http::Server> server_;
};

Result<void> sign_in(Parts const& parts) {
  EXPECT_FALSE(admit(parts));
  return {};
}

Result<void> whole(Parts const& parts) {
  run(parts);
  return {};
}

class Pages : public testing::Test {
 protected:
  // Plays the script on one page; what was shown.
  std::string play(Result<void> (*page)(Parts const&), std::deque<std::string> typed) {
    Script script(std::move(typed));
    Dialogue dialogue(script);
    auto panel = cli::Client::make(panel_socket);
    Parts const parts{dialogue,
                      machine,
                      *panel,
                      {"/nonexistent", "/nonexistent", "/nonexistent", "/nonexistent", mirror, images},
                      by_key,
                      {},
                      [this] {
                        ++shells;
                        return Result<void>{};
                      },
                      [this](std::vector<std::string> const& argv) {
                        programs.push_back(argv);
                        return Result<std::string>("said by " + argv.front() + "\n");
                      },
                      [this](std::string_view what) { notes.emplace_back(what); }};
    if (auto done = page(parts); !done) tell(dialogue, done.error());
    EXPECT_TRUE(script.used_up());
    EXPECT_LE(widest(script.shown), Dialogue::columns);
    return script.shown;
  }

  std::filesystem::path mirror = "/nonexistent", images = "/nonexistent";
  std::string panel_socket = "/nonexistent/panel.sock";
  bool by_key = false;
  SystemClock clock;
  fake::FakeMachine machine{clock};
  int shells = 0;
  std::vector<std::vector<std::string>> programs;
  std::vector<std::string> notes;
};

TEST_F(Pages, a_mirror_without_its_second_disk_is_said_with_the_state) {
  auto const state = [](Parts const& parts) {
    show_state(parts);
    return Result<void>{};
  };
  EXPECT_EQ(play(state, {}).find("Disks:"), std::string::npos);
  mirror = std::filesystem::temp_directory_path() / ("berth-mirror-" + std::to_string(::getpid()));
  ASSERT_TRUE(replace_volatile_file(mirror, "THE MIRROR IS DEGRADED\n", 0600));
  EXPECT_TRUE(std::regex_search(play(state, {}), std::regex("Disks: +THE MIRROR IS DEGRADED\n")));
  std::filesystem::remove(mirror);
}

TEST_F(Pages, starter_images_that_were_refused_are_said_with_the_state) {
  images = std::filesystem::temp_directory_path() / ("berth-refused-" + std::to_string(::getpid()));
  ASSERT_TRUE(replace_volatile_file(images, "not taken over: it is not signed\n", 0600));
  auto const shown = play(
      [](Parts const& parts) {
        show_state(parts);
        return Result<void>{};
      },
      {});
  EXPECT_TRUE(std::regex_search(shown, std::regex("Images: +not taken over: it is not signed\n")));
  std::filesystem::remove(images);
}

TEST_F(Pages, the_serial_port_gets_a_speed_that_the_boot_loader_knows) {
  auto const shown = play(serial_page, {"1"});
  EXPECT_NE(shown.find("From the next start on the port speaks at 9600 baud."), std::string::npos);
  std::string const program = "/usr/lib/berth/appliance/serial-speed";
  EXPECT_EQ(programs, (std::vector<std::vector<std::string>>{{program}, {program, "9600"}}));
  programs.clear();
  play(serial_page, {"0"});
  EXPECT_EQ(programs, (std::vector<std::vector<std::string>>{{program}}));
}

TEST_F(Pages, a_network_that_is_confirmed_is_kept) {
  auto const shown = play(network_page, {
                                            "1",
                                            "1",
                                            "2",
                                            "192.0.2.10/24",
                                            "none",
                                            "5",
                                            "keep",
                                        });
  EXPECT_NE(shown.find("Kept."), std::string::npos);
  auto const state = machine.network();
  EXPECT_FALSE(state->tried);
  EXPECT_EQ(state->kept.links.items.front().ipv4.address.str(), "192.0.2.10/24");
}

TEST_F(Pages, a_network_that_nobody_confirms_is_taken_back) {
  auto const before = machine.network()->kept.links.items.front().ipv4.method;
  auto const shown = play(network_page, {"1", "1", "3", "5", "<silence>"});
  EXPECT_NE(shown.find("The old settings are back."), std::string::npos);
  EXPECT_FALSE(machine.network()->tried);
  EXPECT_EQ(machine.network()->kept.links.items.front().ipv4.method, before);
}

TEST_F(Pages, a_bad_address_is_told_and_stays_in_the_editor) {
  auto const shown = play(network_page, {"1", "1", "2", "192.0.2.300/24", "none", "5", "1", "1", "2", "192.0.2.30/24",
                                         "none", "5", "keep"});
  EXPECT_NE(shown.find("/ipv4/address"), std::string::npos);
  EXPECT_EQ(machine.network()->kept.links.items.front().ipv4.address.str(), "192.0.2.30/24");
}

TEST_F(Pages, the_name_must_be_a_host_name) {
  auto const shown = play(name_and_time_page, {
                                                  "Not a name!",
                                                  "box-1",
                                                  ".",
                                              });
  EXPECT_NE(shown.find("lower-case letters"), std::string::npos);
  EXPECT_EQ(machine.facts()->hostname, "box-1");
}

TEST_F(Pages, a_release_on_a_stick_is_installed) {
  auto const shown = play(releases_page, {"3", "1", "yes", "0"});
  EXPECT_NE(shown.find("berth-"), std::string::npos);
  EXPECT_NE(shown.find("Installed."), std::string::npos);
  auto const slots = machine.slots();
  EXPECT_TRUE(std::ranges::any_of(slots->slots, [](auto const& slot) { return slot.version == "2.0.0"; }));
}

TEST_F(Pages, an_older_release_is_chosen_only_by_who_read_that_it_may_not_open_the_database) {
  play(releases_page, {"3", "1", "yes", "0"});
  auto const kept = play(releases_page, {"1", "yes", "0"});
  EXPECT_EQ(kept.find("database"), std::string::npos) << "what runs opens it";
  play(releases_page, {"2", "yes", "0"});
  machine.restarted();
  auto const refused = play(releases_page, {"1", "", "0"});
  EXPECT_NE(refused.find("older than the one that runs"), std::string::npos);
  EXPECT_EQ(machine.slots()->next, contract::SlotName::b);
  notes.clear();
  play(releases_page, {"1", "yes", "0"});
  EXPECT_EQ(machine.slots()->next, contract::SlotName::a);
  EXPECT_EQ(notes.size(), 1u);
  machine.restarted();
  auto const back = play(releases_page, {"2", "yes", "0"});
  EXPECT_EQ(back.find("database"), std::string::npos) << "the newer one made it";
  EXPECT_EQ(machine.slots()->next, contract::SlotName::b);
}

TEST_F(Pages, a_release_for_another_kind_of_machine_is_not_installed) {
  auto const shown = play(releases_page, {"3", "2", "0"});
  EXPECT_NE(shown.find("another kind of machine"), std::string::npos);
}

TEST_F(Pages, a_clock_without_servers_is_set_by_hand) {
  play(name_and_time_page, {"", "Etc/UTC", "none", "tomorrow", "2026-11-20 15:04"});
  EXPECT_FALSE(machine.time_settings()->ntp);
}

TEST_F(Pages, a_reset_needs_the_machines_name) {
  play(reset_page, {"2", "wrong"});
  EXPECT_FALSE(machine.asked_reset());
  play(reset_page, {"2", machine.facts()->hostname});
  EXPECT_EQ(machine.asked_reset(), contract::ResetScope::everything);
}

// local-bottom/berth moves /config/etc away, and nothing of the data partition, where the panel keeps its certificate.
TEST_F(Pages, a_reset_of_the_settings_says_what_goes_and_what_stays) {
  auto const shown = std::regex_replace(play(reset_page, {"0"}), std::regex("\\s+"), " ");
  EXPECT_NE(shown.find("network, name, time, SSH, serial speed."), std::string::npos);
  EXPECT_NE(shown.find("settings and the certificate stay"), std::string::npos);
}

TEST_F(Pages, restart_only_after_a_yes) {
  play(power_page, {"1", "no"});
  EXPECT_FALSE(machine.asked_power());
  play(power_page, {"2", "yes"});
  EXPECT_EQ(machine.asked_power(), contract::PowerAct::power_off);
}

TEST_F(Pages, ssh_takes_keys_only) {
  auto const shown = play(
      ssh_page,
      {"1",
       "command=\"rm -rf /\" ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMStNvKu8JNWLc9UJUX+sxUExk0Jfx4g/ERNAlMBJrJ me"});
  EXPECT_NE(shown.find("OpenSSH public key"), std::string::npos);
  EXPECT_FALSE(machine.ssh()->enabled);
  play(ssh_page, {"1", "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMStNvKu8JNWLc9UJUX+sxUExk0Jfx4g/ERNAlMBJrJ me"});
  EXPECT_TRUE(machine.ssh()->enabled);
}

TEST_F(Pages, a_shell_only_after_the_machines_name) {
  play(shell_page, {"yes"});
  EXPECT_EQ(shells, 0);
  auto const shown = play(shell_page, {machine.facts()->hostname});
  EXPECT_EQ(shells, 1);
  EXPECT_NE(shown.find("Its use is logged"), std::string::npos);
  EXPECT_EQ(notes.size(), 2u);
}

// The file is the image's (rootfs/overlay).
TEST(RootShell, ends_after_ten_idle_minutes_and_cannot_be_told_not_to) {
  auto const file =
      std::filesystem::path(__FILE__).parent_path() / "../../../rootfs/overlay/usr/lib/berth/root-shell.bash";
  for (std::string const attempt : {":", "TMOUT=0", "unset TMOUT"}) {
    auto const said =
        run_program({"bash", "--rcfile", file.string(), "-i", "-c", attempt + "; true\necho ends after $TMOUT"});
    ASSERT_TRUE(said) << describe(said.error());
    EXPECT_EQ(said->out, "ends after 600\n") << attempt << ": " << said->err;
  }
}

TEST_F(Pages, without_a_panel_repair_is_open_and_nothing_else) {
  auto const shown = play(whole, {"", "1", "0", "0", "<silence>", "", "."});
  EXPECT_NE(shown.find("nobody can sign in"), std::string::npos);
  EXPECT_NE(shown.find("A forgotten password is reset at the sign-in"), std::string::npos);
  EXPECT_NE(shown.find("Network"), std::string::npos);
  EXPECT_NE(shown.find("Releases"), std::string::npos);
  EXPECT_NE(shown.find("Support bundle"), std::string::npos);
  EXPECT_EQ(shown.find("People"), std::string::npos);
  EXPECT_EQ(shown.find("SSH access"), std::string::npos);
  EXPECT_EQ(notes.size(), 2u);
}

TEST_F(Pages, a_forgotten_password_is_replaced_by_who_knows_the_machines_name) {
  SmallPanel panel;
  panel_socket = panel.socket();
  auto const refused = play(sign_in, {"?", "wrong"});
  EXPECT_EQ(refused.find("maria"), std::string::npos) << "names are for who knows the machine's";
  EXPECT_TRUE(notes.empty());
  play(sign_in, {"?", machine.facts()->hostname, "1", "no"});
  EXPECT_EQ(panel.resets(), 0);
  notes.clear();
  auto const shown = play(sign_in, {"?", machine.facts()->hostname, "1", "yes", ""});
  EXPECT_EQ(panel.resets(), 1);
  EXPECT_NE(shown.find("a-new-one"), std::string::npos);
  EXPECT_EQ(shown.find("carl"), std::string::npos) << "who is no administrator has one to ask";
  ASSERT_EQ(notes.size(), 2u);
  EXPECT_NE(notes[1].find("maria"), std::string::npos);
  EXPECT_EQ(notes[1].find("a-new-one"), std::string::npos);
}

TEST_F(Pages, a_panel_that_stops_answering_leaves_a_way_on) {
  SmallPanel panel;
  panel_socket = panel.socket();
  panel.stop_after(1);
  auto const shown = play(sign_in, {"?", machine.facts()->hostname});
  EXPECT_NE(shown.find("which comes back with the panel"), std::string::npos);
  EXPECT_EQ(panel.resets(), 0);
}

TEST_F(Pages, by_ssh_no_forgotten_password_is_replaced) {
  SmallPanel panel;
  panel_socket = panel.socket();
  by_key = true;
  play(forgotten_password, {});
  EXPECT_EQ(panel.resets(), 0);
}

TEST_F(Pages, a_person_who_went_away_is_not_followed_by_another) {
  auto const shown = play(whole, {"", "3", "<silence>", "<silence>"});
  auto const first = shown.find("--- Berth: repair");
  ASSERT_NE(first, std::string::npos);
  EXPECT_NE(shown.find("Press Enter for the console.", first), std::string::npos);
}

TEST_F(Pages, the_panel_is_restarted_and_rescue_begins_by_the_service_manager) {
  play(power_page, {"3"});
  play(power_page, {"4", "yes"});
  ASSERT_EQ(programs.size(), 3u);
  EXPECT_EQ(programs[1].back(), "berthd.service");
  EXPECT_EQ(programs[2].back(), "berth-rescue.target");
}

TEST_F(Pages, the_state_is_shown_while_the_panel_is_down) {
  auto const shown = play(
      [](Parts const& parts) {
        show_state(parts);
        return Result<void>{};
      },
      {});
  EXPECT_NE(shown.find("the panel does not answer"), std::string::npos);
  EXPECT_NE(shown.find(machine.facts()->hostname), std::string::npos);
}

}  // namespace
}  // namespace berth::console
