// What is said on the bus, to services that only note it: a bus of this test's own, never the machine's.
#include "drivers/host/system_bus.hpp"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <systemd/sd-bus.h>
#include <unistd.h>

#include <fstream>
#include <mutex>
#include <thread>

#include "tests/support/eventually.hpp"
#include "tests/support/temporary_folder.hpp"

namespace berth::host {
namespace {

// "StartUnit(ss) ssh.service replace"
std::string words_of(sd_bus_message* message) {
  std::string words = sd_bus_message_get_member(message);
  std::string const signature = sd_bus_message_get_signature(message, 1);
  words += "(" + signature + ")";
  for (char const type : signature) {
    char const* text = nullptr;
    std::int64_t number = 0;
    int truth = 0;
    std::int32_t small = 0;
    if (type == 's' && sd_bus_message_read_basic(message, type, &text) > 0) words += std::string(" ") + text;
    if (type == 'x' && sd_bus_message_read_basic(message, type, &number) > 0) words += " " + std::to_string(number);
    if (type == 'i' && sd_bus_message_read_basic(message, type, &small) > 0) words += " " + std::to_string(small);
    if (type == 'b' && sd_bus_message_read_basic(message, type, &truth) > 0) words += truth != 0 ? " yes" : " no";
  }
  return words;
}

class SystemBusTest : public ::testing::Test {
 protected:
  SystemBusTest() {
    ::setenv("DBUS_SYSTEM_BUS_ADDRESS", address_.c_str(), 1);
    auto const config = (folder_.path() / "bus.conf").string();
    std::ofstream(config) << "<busconfig><type>system</type><listen>" << address_
                          << "</listen><auth>EXTERNAL</auth><policy context=\"default\"><allow send_destination=\"*\"/>"
                             "<allow own=\"*\"/><allow receive_sender=\"*\"/></policy></busconfig>";
    daemon_ = ::fork();
    if (daemon_ == 0) {
      ::execlp("dbus-daemon", "dbus-daemon", "--nofork", ("--config-file=" + config).c_str(), nullptr);
      ::_exit(127);
    }
    EXPECT_TRUE(support::eventually([this] { return std::filesystem::exists(folder_.path() / "bus"); }));
  }
  ~SystemBusTest() override {
    service_ = {};
    ::kill(daemon_, SIGTERM);
    ::waitpid(daemon_, nullptr, 0);
    ::unsetenv("DBUS_SYSTEM_BUS_ADDRESS");
  }

  // Answers as systemd, logind and timedated, from a thread of its own.
  void serve() {
    std::atomic<bool> ready = false;
    service_ = std::jthread([this, &ready](std::stop_token const& stop) {
      sd_bus* bus = nullptr;
      ASSERT_GE(sd_bus_open_system(&bus), 0);
      for (auto const* path : {"/org/freedesktop/systemd1", "/org/freedesktop/timedate1", "/org/freedesktop/login1"})
        ASSERT_GE(sd_bus_add_object(bus, nullptr, path, on_call, this), 0);
      ASSERT_GE(sd_bus_add_fallback(bus, nullptr, "/org/freedesktop/login1/session", on_session, this), 0);
      for (auto const* name : {"org.freedesktop.systemd1", "org.freedesktop.timedate1", "org.freedesktop.login1"})
        ASSERT_GE(sd_bus_request_name(bus, name, 0), 0);
      ready = true;
      while (!stop.stop_requested())
        if (sd_bus_process(bus, nullptr) == 0) sd_bus_wait(bus, 20'000);
      sd_bus_flush_close_unref(bus);
    });
    ASSERT_TRUE(support::eventually([&] { return ready.load(); }));
  }
  static int on_call(sd_bus_message* message, void* data, sd_bus_error*) {
    auto& self = *static_cast<SystemBusTest*>(data);
    auto words = words_of(message);
    bool const unknown = words.contains("nothing.service");
    if (words.starts_with("ListSessions")) return self.list_sessions(message);
    {
      std::lock_guard lock(self.mutex_);
      self.heard_.push_back(std::move(words));
    }
    if (unknown)
      return sd_bus_reply_method_errorf(message, "org.freedesktop.systemd1.NoSuchUnit",
                                        "Unit nothing.service not found.");
    return sd_bus_reply_method_return(message, nullptr);
  }
  // Each is open for the PAM service that it has the name of; "gone" ended between the list and the question.
  int list_sessions(sd_bus_message* message) {
    sd_bus_message* answer = nullptr;
    sd_bus_message_new_method_return(message, &answer);
    sd_bus_message_open_container(answer, 'a', "(susso)");
    bool const first = std::exchange(listed_, true) == false;
    for (auto const* name : {"sshd", "login", "gone", "stuck"}) {
      if (name == std::string_view("gone") && !first) continue;
      if (name == std::string_view("stuck") && !stuck_) continue;
      sd_bus_message_append(answer, "(susso)", name, 0, "root", "",
                            (std::string("/org/freedesktop/login1/session/") + name).c_str());
    }
    sd_bus_message_close_container(answer);
    int const r = sd_bus_send(nullptr, answer, nullptr);
    sd_bus_message_unref(answer);
    return r < 0 ? r : 1;
  }
  static int on_session(sd_bus_message* message, void*, sd_bus_error*) {
    auto const name = std::filesystem::path(sd_bus_message_get_path(message)).filename().string();
    if (name == "gone" || name == "stuck")
      return sd_bus_reply_method_errorf(message, SD_BUS_ERROR_UNKNOWN_OBJECT, "Unknown object");
    return sd_bus_reply_method_return(message, "v", "s", name.c_str());
  }
  std::vector<std::string> heard() {
    std::lock_guard lock(mutex_);
    return heard_;
  }

  support::TemporaryFolder folder_;
  std::string const address_ = "unix:path=" + (folder_.path() / "bus").string();
  pid_t daemon_ = -1;
  std::mutex mutex_;
  std::vector<std::string> heard_;
  bool listed_ = false;
  std::atomic<bool> stuck_ = false;
  std::jthread service_;
};

TEST_F(SystemBusTest, SaysToSystemdAndTimedatedWhatTheyUnderstand) {
  serve();
  auto const bus = system_bus();
  EXPECT_TRUE(bus->start_unit("ssh.service"));
  EXPECT_TRUE(bus->stop_unit("ssh.service"));
  EXPECT_TRUE(bus->restart_unit("systemd-networkd.service"));
  EXPECT_TRUE(bus->reload_unit("nftables.service"));
  EXPECT_TRUE(bus->start_irreversibly("reboot.target"));
  EXPECT_TRUE(bus->set_clock(std::chrono::sys_seconds(std::chrono::seconds(1'800'000'000))));
  EXPECT_EQ(heard(), (std::vector<std::string>{
                         "StartUnit(ss) ssh.service replace", "StopUnit(ss) ssh.service replace",
                         "RestartUnit(ss) systemd-networkd.service replace", "ReloadUnit(ss) nftables.service replace",
                         "StartUnit(ss) reboot.target replace-irreversibly", "SetTime(xbb) 1800000000000000 no no"}));
}

TEST_F(SystemBusTest, EndsTheSessionsOfOneServiceAlone) {
  serve();
  EXPECT_TRUE(system_bus()->end_sessions("sshd"));
  EXPECT_EQ(heard(), std::vector<std::string>{"KillSession(ssi) sshd all 9"});
  stuck_ = true;
  auto const left = system_bus()->end_sessions("sshd");
  ASSERT_FALSE(left) << "a session that nothing can be learnt of may be one of them";
  EXPECT_EQ(left.error().slug, "system-service-refused");
}

TEST_F(SystemBusTest, TellsARefusalFromAnAbsence) {
  auto const bus = system_bus();
  auto const absent = bus->start_unit("ssh.service");
  ASSERT_FALSE(absent);
  EXPECT_EQ(absent.error().code, ErrorCode::unavailable) << describe(absent.error());
  EXPECT_EQ(absent.error().slug, "system-service-down");
  serve();
  auto const refused = bus->start_unit("nothing.service");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().slug, "system-service-refused");
  EXPECT_TRUE(refused.error().context.contains("not found")) << describe(refused.error());
}

TEST(SystemBusAbsent, IsUnavailable) {
  ::setenv("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/nowhere/at/all", 1);
  auto const said = system_bus()->start_unit("ssh.service");
  ::unsetenv("DBUS_SYSTEM_BUS_ADDRESS");
  ASSERT_FALSE(said);
  EXPECT_EQ(said.error().slug, "system-bus-down");
}

}  // namespace
}  // namespace berth::host
