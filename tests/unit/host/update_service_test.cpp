// What is said to RAUC and understood of its answers: the real one, with an authority, bundles and a bus of this test's own. It
// installs nothing here, where there is no dm-verity: that is tests/appliance/update_story.py.
#include "drivers/host/update_service.hpp"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>

#include "firmware/base/process.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/temporary_folder.hpp"

namespace berth::host {
namespace {

using contract::SlotName;

class UpdateServiceTest : public ::testing::Test {
 protected:
  UpdateServiceTest() {
    ::setenv("DBUS_SYSTEM_BUS_ADDRESS", address_.c_str(), 1);
    write("bus.conf", "<busconfig><type>system</type><listen>" + address_ +
                          "</listen><auth>EXTERNAL</auth><policy context=\"default\"><allow send_destination=\"*\"/>"
                          "<allow own=\"*\"/><allow receive_sender=\"*\"/></policy></busconfig>");
    bus_ = start({"dbus-daemon", "--nofork", "--config-file=" + file("bus.conf")});
    EXPECT_TRUE(support::eventually([this] { return std::filesystem::exists(folder_.path() / "bus"); }));
    make_bundle("ours.raucb", "berth-toaster", "2.0.0", "ours");
  }
  ~UpdateServiceTest() override {
    for (auto const process : {rauc_, bus_}) {
      if (process <= 0) continue;
      ::kill(process, SIGTERM);
      ::waitpid(process, nullptr, 0);
    }
    ::unsetenv("DBUS_SYSTEM_BUS_ADDRESS");
  }

  std::string file(std::string const& name) const { return (folder_.path() / name).string(); }
  void write(std::string const& name, std::string const& text) { std::ofstream(file(name)) << text; }

  static pid_t start(std::vector<std::string> const& words) {
    std::vector<char*> argv;
    for (auto const& word : words) argv.push_back(const_cast<char*>(word.c_str()));
    argv.push_back(nullptr);
    auto const child = ::fork();
    if (child == 0) {
      ::execvp(argv[0], argv.data());
      ::_exit(127);
    }
    return child;
  }

  // Signed by an authority of that name, which is made when it is not there yet.
  void make_bundle(std::string const& name, std::string const& compatible, std::string const& version,
                   std::string const& authority, std::string const& format = "verity") {
    static constexpr char script[] =
        "set -e; cd \"$1\"; . \"$0\"; make_authority \"$1/$5\" \"$5\"; mkdir -p work; head -c 100000 /dev/urandom "
        ">work/root.img; "
        "printf '[update]\\ncompatible=%s\\nversion=%s\\n[bundle]\\nformat=%s\\n[image.rootfs]\\nfilename=root.img\\n' "
        "\"$3\" \"$4\" \"$6\" >work/manifest.raucm; rm -f \"$2\"; "
        "rauc --cert=\"$5/release.pem\" --key=\"$5/release.key\" bundle work \"$2\"";
    auto const made = run_checked({"bash", "-c", script, BERTH_SOURCE "/rootfs/dev/appliance/release-keys.sh",
                                   folder_.path().string(), name, compatible, version, authority, format});
    ASSERT_TRUE(made) << describe(made.error());
  }

  // With the handler of its boot loader a script that notes what it is asked.
  void serve() {
    write("handler", "#!/bin/sh\necho \"$@\" >>" + file("asked") +
                         "\ncase $1 in get-primary|get-current) echo A ;; get-state) echo good ;; esac\n");
    std::filesystem::permissions(file("handler"), std::filesystem::perms::owner_all);
    for (auto const* slot : {"a", "b"}) write(slot, std::string(200'000, ' '));
    std::filesystem::create_directory(file("mount"));
    write("rauc.conf",
          "[system]\ncompatible=berth-toaster\nbootloader=custom\nbundle-formats=-plain\nstatusfile=" + file("status") +
              "\nmountprefix=" + file("mount") + "\n[keyring]\npath=" + file("ours/ca.pem") +
              "\ncheck-purpose=codesign\nuse-bundle-signing-time=true\n[handlers]\nbootloader-custom-backend=" +
              file("handler") + "\n[slot.rootfs.0]\ndevice=" + file("a") +
              "\ntype=raw\nbootname=A\n[slot.rootfs.1]\ndevice=" + file("b") + "\ntype=raw\nbootname=B\n");
    rauc_ = start({"rauc", "--conf=" + file("rauc.conf"), "--override-boot-slot=A", "service"});
    EXPECT_TRUE(support::eventually([this] { return service_->progress().has_value(); }));
  }

  support::TemporaryFolder folder_;
  std::string const address_ = "unix:path=" + (folder_.path() / "bus").string();
  pid_t bus_ = -1, rauc_ = -1;
  std::unique_ptr<UpdateService> service_ = update_service();
};

TEST_F(UpdateServiceTest, TellsWhatABundleIsAndWhetherItIsTrusted) {
  EXPECT_EQ(service_->inspect(file("ours.raucb")).error().code, ErrorCode::unavailable) << "nobody is there yet";
  serve();
  auto const facts = service_->inspect(file("ours.raucb"));
  ASSERT_TRUE(facts) << describe(facts.error());
  EXPECT_EQ(facts->compatible, "berth-toaster");
  EXPECT_EQ(facts->version, "2.0.0");
  EXPECT_EQ(facts->format, "verity");

  make_bundle("stranger.raucb", "berth-toaster", "2.0.0", "stranger");
  make_bundle("plain.raucb", "berth-toaster", "2.0.0", "ours", "plain");
  write("nonsense.raucb", std::string(20'000, 'x'));
  std::filesystem::copy_file(file("ours.raucb"), file("short.raucb"));
  std::filesystem::resize_file(file("short.raucb"), 5000);
  for (auto const* name : {"stranger.raucb", "plain.raucb", "nonsense.raucb", "short.raucb", "absent.raucb"}) {
    auto const refused = service_->inspect(file(name));
    ASSERT_FALSE(refused) << name;
    EXPECT_EQ(refused.error().code, ErrorCode::corrupt) << name << ": " << describe(refused.error());
  }
}

TEST_F(UpdateServiceTest, TellsHowAnInstallationEndedAndWhatLiesInTheSlots) {
  serve();
  auto const slots = service_->slots();
  ASSERT_TRUE(slots) << describe(slots.error());
  EXPECT_EQ((*slots)[0].status, "");
  EXPECT_EQ((*slots)[1].version, "");
  EXPECT_FALSE(service_->progress()->installing);

  make_bundle("other.raucb", "berth-kettle", "2.0.0", "ours");
  ASSERT_TRUE(service_->install(file("other.raucb"), "first"));
  ASSERT_TRUE(support::eventually([this] { return !service_->progress()->installing; }));
  EXPECT_NE(service_->progress()->last_error, "");
  EXPECT_EQ((*service_->slots())[1].version, "");
}

TEST_F(UpdateServiceTest, ChoosesASlot) {
  serve();
  auto const chosen = service_->activate(SlotName::b);
  ASSERT_TRUE(chosen) << describe(chosen.error());
  std::ifstream in(file("asked"));
  std::string const asked{std::istreambuf_iterator<char>(in), {}};
  EXPECT_TRUE(asked.contains("set-primary B\n")) << asked;
}

}  // namespace
}  // namespace berth::host
