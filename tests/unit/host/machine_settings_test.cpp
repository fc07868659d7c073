// What the appliance keeps of its name, clock and SSH, what it says of itself, and what it hands to whoever helps.
#include <archive.h>
#include <archive_entry.h>
#include <gtest/gtest.h>

#include "drivers/host/appliance_machine.hpp"
#include "drivers/host/machine_name.hpp"
#include "drivers/host/machine_time.hpp"
#include "drivers/host/redaction.hpp"
#include "drivers/host/ssh_access.hpp"
#include "drivers/host/support_bundle.hpp"
#include "tests/unit/host/machine_world.hpp"
#include "tests/unit/host/network_examples.hpp"

namespace berth::host::testing {
namespace {

namespace fs = std::filesystem;

constexpr char key[] = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl person@desk";

std::unique_ptr<ApplianceMachine> machine_in(MachineFolders const& folders) {
  return ApplianceMachine::open(folders.paths, std::make_unique<NotedBus>(), std::make_unique<ScriptedUpdates>())
      .value();
}

template <class T>
ErrorCode code_of(Result<T> const& result) {
  EXPECT_FALSE(result.has_value());
  return result ? ErrorCode::internal : result.error().code;
}

TEST(ApplianceMachine, SaysWhichReleaseRuns) {
  MachineFolders folders;
  MachineFolders::write(folders.paths.settings / "last-rollback", "the panel did not answer\nmore\n");
  auto const facts = machine_in(folders)->facts().value();
  EXPECT_TRUE(facts.appliance);
  EXPECT_EQ(facts.version, "1.2.3");
  EXPECT_EQ(facts.board, "qemu-x86_64");
  EXPECT_EQ(facts.last_rollback, "the panel did not answer");
  EXPECT_GT(facts.uptime_s, 0U);
}

TEST(ApplianceMachine, ElsewhereItTellsAndChangesNothing) {
  MachineFolders folders(false);
  auto machine = machine_in(folders);
  EXPECT_FALSE(machine->facts().value().appliance);
  EXPECT_EQ(machine->facts().value().board, "development");
  EXPECT_TRUE(machine->network());
  EXPECT_TRUE(machine->time_settings());
  EXPECT_TRUE(machine->ssh());
  TimeSettings time;
  time.time_zone = made<Text<1, 64>>("Europe/Berlin");
  TryNetwork wish{network_as_new(), {}};
  FactoryReset reset{ResetScope::everything, made<Hostname>("berth")};
  EXPECT_EQ(code_of(machine->set_hostname(made<Hostname>("other"))), ErrorCode::unsupported);
  EXPECT_EQ(code_of(machine->set_time(time)), ErrorCode::unsupported);
  EXPECT_EQ(code_of(machine->try_network(wish)), ErrorCode::unsupported);
  EXPECT_EQ(code_of(machine->confirm_network()), ErrorCode::unsupported);
  EXPECT_EQ(code_of(machine->revert_network()), ErrorCode::unsupported);
  EXPECT_EQ(code_of(machine->set_ssh({})), ErrorCode::unsupported);
  EXPECT_EQ(code_of(machine->power(PowerAct::restart)), ErrorCode::unsupported);
  EXPECT_EQ(code_of(machine->factory_reset(reset)), ErrorCode::unsupported);
  EXPECT_TRUE(fs::is_empty(folders.paths.settings));
}

TEST(ApplianceMachine, IsResetOnlyByItsOwnName) {
  MachineFolders folders;
  auto machine = machine_in(folders);
  auto const mark = folders.paths.settings / "factory-reset";
  EXPECT_EQ(code_of(machine->factory_reset({ResetScope::settings, made<Hostname>("not-this-one")})),
            ErrorCode::precondition_failed);
  EXPECT_FALSE(fs::exists(mark));
  auto const name = Hostname::parse(machine->facts().value().hostname);
  ASSERT_TRUE(name);
  if (!contract::is_hostname(*name)) GTEST_SKIP() << "this host's own name is none that the appliance could have";
  ASSERT_TRUE(machine->factory_reset({ResetScope::everything, *name}));
  EXPECT_EQ(MachineFolders::read(mark), "everything\n");
}

TEST(ApplianceMachine, AResetThatCannotBeginIsNotLeftForTheNextStart) {
  MachineFolders folders;
  auto owned = std::make_unique<NotedBus>();
  auto& bus = *owned;
  auto const machine =
      ApplianceMachine::open(folders.paths, std::move(owned), std::make_unique<ScriptedUpdates>()).value();
  auto const name = Hostname::parse(machine->facts().value().hostname);
  ASSERT_TRUE(name);
  if (!contract::is_hostname(*name)) GTEST_SKIP() << "this host's own name is none that the appliance could have";
  bus.refuse(true);
  EXPECT_EQ(code_of(machine->factory_reset({ResetScope::everything, *name})), ErrorCode::unavailable);
  EXPECT_EQ(bus.asked().back(), "begin reboot.target");
  EXPECT_FALSE(fs::exists(folders.paths.settings / "factory-reset"));
}

TEST(MachineName, IsKeptBesideWhatCarriesIt) {
  MachineFolders folders;
  ASSERT_TRUE(keep_name(folders.paths, made<Hostname>("node-7")));
  EXPECT_EQ(MachineFolders::read(folders.paths.settings / "hostname"), "node-7\n");
  MachineFolders::write(folders.paths.settings / "hostname", "not a name\n");
  EXPECT_EQ(code_of(apply_kept_name(folders.paths)), ErrorCode::corrupt);
}

TimeSettings berlin() {
  TimeSettings settings;
  settings.time_zone = made<Text<1, 64>>("Europe/Berlin");
  settings.ntp_servers.items = {made<ServerName>("ntp.example.net"), made<ServerName>("2001:db8::123")};
  return settings;
}

TEST(MachineTime, KeepsZoneAndServers) {
  MachineFolders folders;
  NotedBus bus;
  ASSERT_TRUE(keep_time(folders.paths, berlin()));
  ASSERT_TRUE(write_time_files(folders.paths, berlin()));
  ASSERT_TRUE(apply_time(bus, berlin()));
  EXPECT_EQ(fs::read_symlink(folders.paths.settings / "localtime"), folders.paths.zones / "Europe/Berlin");
  EXPECT_EQ(MachineFolders::read(folders.paths.timesyncd / "50-berth.conf"),
            "[Time]\nNTP=ntp.example.net 2001:db8::123\n");
  EXPECT_EQ(write_json(kept_time(folders.paths).value()), write_json(berlin()));
  EXPECT_EQ(bus.asked(), std::vector<std::string>{"restart systemd-timesyncd.service"});
  auto without = berlin();
  without.ntp_servers.items.clear();
  ASSERT_TRUE(write_time_files(folders.paths, without));
  EXPECT_FALSE(fs::exists(folders.paths.timesyncd / "50-berth.conf"));
}

TEST(MachineTime, AClockSetByHandHasNoNtpBesideIt) {
  MachineFolders folders;
  NotedBus bus;
  auto settings = berlin();
  settings.ntp = false;
  settings.unix_seconds.emplace().value = 1'800'000'000;
  ASSERT_TRUE(keep_time(folders.paths, settings));
  ASSERT_TRUE(apply_time(bus, settings));
  EXPECT_TRUE(fs::exists(folders.paths.settings / "ntp-off"));
  EXPECT_EQ(bus.asked(), (std::vector<std::string>{"stop systemd-timesyncd.service", "clock 1800000000"}));
  ASSERT_TRUE(keep_time(folders.paths, berlin()));
  EXPECT_FALSE(fs::exists(folders.paths.settings / "ntp-off"));
}

TEST(MachineTime, RefusesWhatIsNoZone) {
  MachineFolders folders;
  for (auto const* zone : {"Europe/Nowhere", "Europe/README", "Europe", "Europe/Berlin/x"}) {
    auto settings = berlin();
    settings.time_zone = made<Text<1, 64>>(zone);
    EXPECT_EQ(code_of(keep_time(folders.paths, settings)), ErrorCode::invalid_argument) << zone;
  }
  EXPECT_FALSE(fs::exists(folders.paths.settings / "time.json"));
}

TEST(SshAccess, EveryKeyLeadsToTheConsoleAlone) {
  MachineFolders folders;
  NotedBus bus;
  SshSettings settings;
  settings.enabled = true;
  settings.keys.items = {made<Text<16, 8192>>(key)};
  ASSERT_TRUE(set_ssh_access(folders.paths, bus, settings));
  auto const file = folders.paths.settings / "ssh/authorized_keys";
  EXPECT_EQ(MachineFolders::read(file),
            std::string("command=\"/usr/bin/berth-console --over-ssh\",restrict,pty ") + key + "\n");
  EXPECT_EQ(fs::status(file).permissions(), fs::perms(0600));
  EXPECT_TRUE(fs::exists(folders.paths.settings / "ssh/enabled"));
  EXPECT_EQ(write_json(kept_ssh(folders.paths).value()), write_json(settings));
  auto const door = folders.paths.settings / "nftables.d/ssh.nft";
  EXPECT_EQ(MachineFolders::read(door), "add rule inet appliance input tcp dport 22 accept\n");
  settings.enabled = false;
  ASSERT_TRUE(set_ssh_access(folders.paths, bus, settings));
  EXPECT_FALSE(fs::exists(folders.paths.settings / "ssh/enabled"));
  EXPECT_FALSE(fs::exists(door));
  EXPECT_EQ(bus.asked(), (std::vector<std::string>{"start ssh.service", "reload nftables.service",
                                                   "reload nftables.service", "stop ssh.service", "end sshd"}));
}

TEST(SshAccess, AKeyThatIsTakenAwayEndsWhatItOpened) {
  MachineFolders folders;
  NotedBus bus;
  SshSettings settings;
  settings.enabled = true;
  settings.keys.items = {made<Text<16, 8192>>(key), made<Text<16, 8192>>(std::string(key) + "-2")};
  ASSERT_TRUE(set_ssh_access(folders.paths, bus, settings));
  ASSERT_TRUE(set_ssh_access(folders.paths, bus, settings));
  EXPECT_FALSE(std::ranges::contains(bus.asked(), "end sshd")) << "nobody lost a key";
  settings.keys.items.pop_back();
  bus.refuse(true);
  EXPECT_EQ(code_of(set_ssh_access(folders.paths, bus, settings)), ErrorCode::unavailable);
  EXPECT_EQ(kept_ssh(folders.paths).value().keys.items.size(), 2U) << "so that a second try ends them";
  EXPECT_FALSE(MachineFolders::read(folders.paths.settings / "ssh/authorized_keys").contains("desk-2"));
  bus.refuse(false);
  auto const before = bus.asked().size();
  ASSERT_TRUE(set_ssh_access(folders.paths, bus, settings));
  auto const asked = bus.asked();
  EXPECT_EQ(
      std::vector(asked.begin() + static_cast<std::ptrdiff_t>(before), asked.end()),
      (std::vector<std::string>{"restart ssh.service", "end sshd", "start ssh.service", "reload nftables.service"}));
  EXPECT_EQ(kept_ssh(folders.paths).value().keys.items.size(), 1U);
}

TEST(SshAccess, RefusesKeysThatBringOptions) {
  for (auto const& line : {std::string("command=\"sh\" ") + key, std::string("ssh-ed25519 AAAA person@desk"),
                           std::string("ssh-rsa ") + std::string(key).substr(12), std::string("ssh-ed25519  ") + key}) {
    SshSettings settings;
    settings.keys.items = {made<Text<16, 8192>>(line)};
    EXPECT_EQ(code_of(authorized_keys(settings)), ErrorCode::invalid_argument) << line;
  }
}

// Every file of the bundle, one behind the other.
std::string text_of(Descriptor const& bundle) {
  std::unique_ptr<archive, decltype([](archive* a) { archive_read_free(a); })> in(archive_read_new());
  archive_read_support_filter_gzip(in.get());
  archive_read_support_format_tar(in.get());
  EXPECT_EQ(::lseek(bundle.get(), 0, SEEK_SET), 0);
  EXPECT_EQ(archive_read_open_fd(in.get(), bundle.get(), 4096), ARCHIVE_OK);
  std::string all;
  archive_entry* entry = nullptr;
  while (archive_read_next_header(in.get(), &entry) == ARCHIVE_OK) {
    all += "== " + std::string(archive_entry_pathname(entry)) + "\n";
    std::string text(static_cast<std::size_t>(archive_entry_size(entry)), '\0');
    EXPECT_EQ(archive_read_data(in.get(), text.data(), text.size()), static_cast<la_ssize_t>(text.size()));
    all += text;
  }
  return all;
}

constexpr char planted[] =
    "Nov 20 10:00:00 berth kernel: harmless words\n"
    "-----BEGIN PRIVATE KEY-----\nc2VjcmV0IHBlbQ==\n-----END PRIVATE KEY-----\n"
    "user hash $6$saltsalt$VerySecretCryptHash/1 changed\n"
    "$argon2id$v=19$m=65536,t=3,p=4$c2FsdA$ArgonSecretHash\n"
    "password=PlantedPassword other=fine\n"
    "{\"token\": \"PlantedToken\", \"count\": 3}\n"
    "Authorization: Bearer PlantedBearerValue\n"
    "set-up code: PLANT-EDCODE\n"
    "seed: PlantedSeed\n"
    "GET https://person:PlantedUrlWord@example.net/path\n"
    "api_key = 'PlantedApiKey'\n"
    "ssh-ed25519 AAAAC3PlantedPublicKey person\n"
    "the end\n";

TEST(SupportBundle, HoldsWordsButNoSecrets) {
  auto const bundle = make_support_bundle(
      {{"facts.json", planted}},
      {{"journal.txt", {"printf", "%s", planted}}, {"missing.txt", {"no-such-program-here"}}, {"bad.txt", {"false"}}});
  ASSERT_TRUE(bundle) << describe(bundle.error());
  auto const text = text_of(*bundle);
  for (auto const* secret : {"c2VjcmV0IHBlbQ", "VerySecretCryptHash", "ArgonSecretHash", "Planted", "PLANT-EDCODE"})
    EXPECT_FALSE(text.contains(secret)) << secret << " in\n" << text;
  for (auto const* word : {"== berth-support/facts.json\n", "== berth-support/journal.txt\n", "harmless words",
                           "the end", "other=fine", "\"count\": 3", "not to be had", "exit code 1"})
    EXPECT_TRUE(text.contains(word)) << word << " in\n" << text;
}

TEST(SupportBundle, ComesFromAMachineThatIsNotTheAppliance) {
  MachineFolders folders(false);
  auto const bundle = machine_in(folders)->support_bundle();
  ASSERT_TRUE(bundle) << describe(bundle.error());
  EXPECT_TRUE(text_of(*bundle).contains("\"board\":\"development\""));
}

TEST(Redaction, CutsLinesAndKeepsTheRest) {
  EXPECT_EQ(without_secrets(""), "");
  EXPECT_EQ(without_secrets("a\n\nb"), "a\n\nb\n");
  EXPECT_EQ(without_secrets(std::string(100'000, 'x')).size(), 4097U);
  EXPECT_EQ(without_secrets("keyboard: us, monkey business"), "keyboard: us, monkey business\n");
}

}  // namespace
}  // namespace berth::host::testing
