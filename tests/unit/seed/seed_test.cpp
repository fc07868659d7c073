// Seeds read, refused and used, on the machine in memory.
#include "provisioning/seed/seed.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <fstream>

#include "drivers/fake/fake_machine.hpp"
#include "firmware/base/files.hpp"
#include "provisioning/seed/seed_source.hpp"
#include "provisioning/seed/seed_use.hpp"

namespace berth::seed {
namespace {

std::filesystem::path const room = std::filesystem::path(__FILE__).parent_path() / "../../../provisioning/seed";

class Folder {
 public:
  Folder() {
    std::string name = "/tmp/seed-test.XXXXXX";
    path_ = ::mkdtemp(name.data());
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  std::filesystem::path operator/(char const* name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

std::vector<std::string> pointers(std::string_view text) {
  std::vector<std::string> all;
  auto const seed = read_seed(text);
  if (!seed)
    for (auto const& field : seed.error().fields) all.push_back(field.pointer);
  return all;
}

TEST(Seed, the_schema_is_the_committed_one) {
  auto const committed = read_file(room / "schema.json", 1 << 20);
  ASSERT_TRUE(committed);
  EXPECT_EQ(*parse_json(*committed), json::value(schema())) << "berth-seed schema >provisioning/seed/schema.json";
}

TEST(Seed, the_examples_are_seeds) {
  int seen = 0;
  for (auto const& file : std::filesystem::directory_iterator(room / "examples")) {
    auto const seed = read_seed(*read_file(file.path(), seed_bytes_max));
    EXPECT_TRUE(seed) << file.path() << ": " << describe(seed.error());
    ++seen;
  }
  EXPECT_GE(seen, 3);
}

TEST(Seed, what_is_left_out_is_as_new) {
  auto const seed = read_seed(R"({"network": {"links": [{"name": "uplink"}]}, "time": {"time_zone": "Etc/UTC"}})");
  ASSERT_TRUE(seed) << describe(seed.error());
  EXPECT_EQ(seed->network->links.items.front().ipv4.method, contract::AddressMethod::automatic);
  EXPECT_TRUE(seed->time->ntp);
  EXPECT_FALSE(seed->administrator);
}

TEST(Seed, every_error_is_named_with_its_place) {
  EXPECT_EQ(pointers(R"({"host": "x", "administrator": {"name": "", "password": "short"}, "time": {}})"),
            (std::vector<std::string>{"/time/time_zone", "/administrator/name", "/administrator/password", "/host"}));
  EXPECT_EQ(pointers(R"({"hostname": "-x", "ssh": {"enabled": true},
                         "network": {"links": [{"name": "a", "ipv4": {"method": "fixed", "address": "192.0.2.1"}}]}})"),
            (std::vector<std::string>{"/hostname", "/network/links/0/ipv4/address", "/ssh/keys"}));
  EXPECT_EQ(pointers(R"({"network": {"dns": []}})"), (std::vector<std::string>{"/network/links"}));
  EXPECT_EQ(pointers(R"({"network": {"links": [{"nmae": "a"}]}})"),
            (std::vector<std::string>{"/network/links/0/name", "/network/links/0/nmae"}));
}

TEST(Seed, nonsense_is_refused) {
  for (std::string const text :
       {"", "[]", "null", "{", "{\"hostname\": 1}", "{\"hostname\": \"a\", \"hostname\": \"b\"}"})
    EXPECT_FALSE(read_seed(text)) << text;
  EXPECT_EQ(read_seed(std::string(seed_bytes_max + 1, ' ')).error().code, ErrorCode::too_large);
}

TEST(SeedSource, only_a_plain_file_of_bounded_size_is_read) {
  Folder folder;
  std::ofstream(folder / "berth.json") << "{}";
  EXPECT_EQ(*read_plain_file(folder / "berth.json"), "{}");
  std::filesystem::create_symlink(folder / "berth.json", folder / "link");
  EXPECT_EQ(read_plain_file(folder / "link").error().code, ErrorCode::corrupt);
  ASSERT_EQ(::mkfifo((folder / "pipe").c_str(), 0600), 0);
  EXPECT_EQ(read_plain_file(folder / "pipe").error().code, ErrorCode::corrupt);
  std::ofstream(folder / "large") << std::string(seed_bytes_max + 1, ' ');
  EXPECT_EQ(read_plain_file(folder / "large").error().code, ErrorCode::too_large);
  EXPECT_EQ(read_plain_file(folder / "absent").error().code, ErrorCode::not_found);
}

class Using : public testing::Test {
 protected:
  Result<Use> use(std::string_view text) {
    return use_seed(text, machine,
                    {[this] { return Result<bool>(administrators.empty()); },
                     [this](Administrator const& wish) -> Result<void> {
                       if (refuse) return fail_field("/password", "is well known");
                       if (silent) return fail(ErrorCode::unavailable, "panel-down", "nobody answers");
                       administrators.push_back(wish.name.str());
                       return {};
                     },
                     [this](Language language) -> Result<void> {
                       spoken = language;
                       return {};
                     }},
                    {folder / "mark.json", folder / "serial-speed"}, progress);
  }

  SystemClock clock;
  fake::FakeMachine machine{clock};
  Folder folder;
  std::vector<std::string> administrators;
  std::optional<Language> spoken;
  bool refuse = false, silent = false;
  Progress progress;
  std::string const text = R"({"hostname": "box-7", "administrator": {"name": "maria", "password": "quiet harbour"},
    "network": {"links": [{"name": "uplink", "ipv4": {"method": "fixed", "address": "192.0.2.10/24"}}]}})";
};

TEST_F(Using, a_seed_is_used_once) {
  EXPECT_EQ(use(text), Use::done);
  EXPECT_EQ(machine.facts()->hostname, "box-7");
  EXPECT_EQ(administrators, std::vector<std::string>{"maria"});
  EXPECT_FALSE(machine.network()->tried) << "there is no trial that nobody would confirm";
  EXPECT_EQ(machine.network()->kept.links.items.front().ipv4.address.str(), "192.0.2.10/24");
  ASSERT_TRUE(machine.set_hostname(*contract::Hostname::parse("renamed")));
  EXPECT_EQ(use(text), Use::used);
  EXPECT_EQ(machine.facts()->hostname, "renamed");
}

TEST_F(Using, a_machine_that_is_set_up_is_not_told_by_seeds) {
  administrators.push_back("somebody");
  EXPECT_EQ(use(text), Use::too_late);
  EXPECT_EQ(machine.facts()->hostname, "berth");
}

TEST_F(Using, nothing_holds_when_anything_is_wrong) {
  EXPECT_FALSE(use(R"({"hostname": "box-7", "time": {"time_zone": "../x"}})"));
  refuse = true;
  auto const refused = use(text);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().fields.front().pointer, "/administrator/password");
  EXPECT_EQ(machine.facts()->hostname, "berth");
}

TEST_F(Using, a_seed_that_was_cut_off_goes_on) {
  EXPECT_EQ(use(text), Use::done);
  auto mark = *read_mark(folder / "mark.json");
  mark.finished = false;
  ASSERT_TRUE(replace_file(folder / "mark.json", write_json(mark), 0600));
  ASSERT_TRUE(machine.set_hostname(*contract::Hostname::parse("berth")));
  EXPECT_EQ(use(text), Use::done);
  EXPECT_EQ(machine.facts()->hostname, "box-7");
  EXPECT_EQ(administrators.size(), 1u);
}

TEST_F(Using, a_refused_administrator_leaves_no_mark_and_the_machine_to_who_sets_it_up) {
  refuse = true;
  auto const refused = use(text);
  ASSERT_FALSE(refused);
  EXPECT_FALSE(read_mark(folder / "mark.json"));
  EXPECT_TRUE(why_not_done(progress, refused.error()).starts_with("refused, nothing of it holds\n"));
  refuse = false;
  administrators.push_back("somebody");
  EXPECT_EQ(use(text), Use::too_late);
  EXPECT_EQ(machine.facts()->hostname, "berth");
}

TEST_F(Using, a_panel_that_did_not_answer_is_asked_again_until_the_seed_gives_up) {
  silent = true;
  EXPECT_FALSE(use(text));
  administrators.push_back("maria");  // it did, and the answer was lost
  EXPECT_EQ(use(text), Use::done);
  administrators.clear();
  std::filesystem::remove(folder / "mark.json");
  EXPECT_FALSE(use(text));
  give_up({folder / "mark.json", folder / "serial-speed"}, progress);
  administrators.push_back("somebody");
  EXPECT_EQ(use(text), Use::too_late);
}

TEST_F(Using, a_begun_seed_without_an_administrator_ends_when_somebody_sets_the_machine_up) {
  machine.faults().fail_next("set_hostname", Error{ErrorCode::io, "disk", "the disk does not answer"});
  auto const cut = use(R"({"language": "pl", "hostname": "box-8"})");
  ASSERT_FALSE(cut);
  EXPECT_TRUE(why_not_done(progress, cut.error()).starts_with("hostname failed; what holds: language; the next start"));
  administrators.push_back("somebody");
  EXPECT_EQ(use(R"({"language": "pl", "hostname": "box-8"})"), Use::too_late);
  EXPECT_EQ(machine.facts()->hostname, "berth");
}

TEST_F(Using, a_step_refused_for_good_ends_the_seed_and_is_named_with_what_holds) {
  machine.faults().fail_next("try_network", Error{ErrorCode::invalid_argument, "invalid-field", "no such card"});
  auto const refused = use(text);
  ASSERT_FALSE(refused);
  EXPECT_EQ(why_not_done(progress, refused.error()),
            "network failed; what holds: administrator, hostname; it is not tried again\nno such card\n");
  ASSERT_TRUE(machine.set_hostname(*contract::Hostname::parse("renamed")));
  EXPECT_EQ(use(text), Use::used);
  EXPECT_EQ(machine.facts()->hostname, "renamed");
}

TEST_F(Using, the_panel_is_told_its_language) {
  EXPECT_EQ(pointers(R"({"language": "klingon"})"), std::vector<std::string>{"/language"});
  EXPECT_EQ(use(text), Use::done);
  EXPECT_FALSE(spoken);
  administrators.clear();
  EXPECT_EQ(use(R"({"language": "pl"})"), Use::done);
  EXPECT_EQ(spoken, Language::pl);
}

TEST_F(Using, the_serial_ports_speed_is_kept_for_the_next_start) {
  EXPECT_EQ(pointers(R"({"serial_speed": 12345})"), std::vector<std::string>{"/serial_speed"});
  EXPECT_EQ(use(R"({"serial_speed": 19200})"), Use::done);
  EXPECT_EQ(read_file(folder / "serial-speed", 64), "19200\n");
}

TEST_F(Using, the_password_is_not_on_the_disk) {
  EXPECT_EQ(use(text), Use::done);
  EXPECT_EQ(read_file(folder / "mark.json", 4096)->find("harbour"), std::string::npos);
}

}  // namespace
}  // namespace berth::seed
