#include "drivers/container/image_config.hpp"

#include <gtest/gtest.h>

#include <csignal>

namespace berth::container {
namespace {

Result<ImageConfig> read(json::object config) {
  if (!config.contains("Entrypoint") && !config.contains("Cmd")) config["Cmd"] = json::array{"/x"};
  return read_image_config(json::object{{"config", std::move(config)}});
}

TEST(ImageConfig, EntrypointComesBeforeCommand) {
  auto const config = read({{"Entrypoint", json::array{"/init", "--"}},
                            {"Cmd", json::array{"serve"}},
                            {"Env", json::array{"A=b=c", "EMPTY="}},
                            {"User", "1000:1000"},
                            {"StopSignal", "SIGPWR"}});
  ASSERT_TRUE(config.has_value());
  EXPECT_EQ(config->arguments, (std::vector<std::string>{"/init", "--", "serve"}));
  EXPECT_EQ(config->environment, (std::vector<std::string>{"A=b=c", "EMPTY="}));
  EXPECT_EQ(config->user, "1000:1000");
  EXPECT_EQ(config->stop_signal, SIGPWR);
  EXPECT_EQ(config->working_directory, "/");
}

TEST(ImageConfig, UnknownMembersAndNullsDoNotMatter) {
  EXPECT_TRUE(read({{"ExposedPorts", json::object{{"80/tcp", json::object{}}}},
                    {"Labels", nullptr},
                    {"Env", nullptr},
                    {"Healthcheck", json::array{}},
                    {"User", nullptr}})
                  .has_value());
}

TEST(ImageConfig, RefusesWhatMakesNoSense) {
  std::string const nul("a\0b", 3);
  for (auto const& bad : std::vector<json::object>{{{"Cmd", json::array{}}},
                                                   {{"Cmd", json::array{""}}},
                                                   {{"Cmd", "not a list"}},
                                                   {{"Cmd", json::array{1}}},
                                                   {{"Cmd", json::array{nul}}},
                                                   {{"Cmd", json::array{std::string(200'000, 'x')}}},
                                                   {{"Env", json::array{"novalue"}}},
                                                   {{"Env", json::array{"=x"}}},
                                                   {{"Env", json::array{"A=" + nul}}},
                                                   {{"User", 7}},
                                                   {{"WorkingDir", "relative"}},
                                                   {{"WorkingDir", "/proc/self/fd/3"}},
                                                   {{"WorkingDir", "/./proc"}},
                                                   {{"WorkingDir", "/a/../proc/self"}},
                                                   {{"WorkingDir", "/sys"}},
                                                   {{"WorkingDir", "/dev/fd"}},
                                                   {{"WorkingDir", nul}},
                                                   {{"StopSignal", "SIGFOO"}},
                                                   {{"StopSignal", "0"}},
                                                   {{"StopSignal", "65"}},
                                                   {{"StopSignal", "-9"}}}) {
    auto const config = read(bad);
    ASSERT_FALSE(config.has_value()) << json::serialize(bad).substr(0, 80);
    EXPECT_EQ(config.error().code, ErrorCode::invalid_argument);
  }
  EXPECT_FALSE(read_image_config("text").has_value());
  EXPECT_FALSE(read_image_config(json::object{{"config", 1}}).has_value());
}

TEST(ImageConfig, PlacesThatOnlyLookLikeProcAreFine) {
  EXPECT_EQ(read({{"WorkingDir", "/process"}})->working_directory, "/process");
  EXPECT_EQ(read({{"WorkingDir", "/srv/proc"}})->working_directory, "/srv/proc");
  EXPECT_EQ(read({{"WorkingDir", "/srv/./x//y/"}})->working_directory, "/srv/x/y/");
}

TEST(SignalNumber, Table) {
  EXPECT_EQ(*signal_number("SIGTERM"), SIGTERM);
  EXPECT_EQ(*signal_number("TERM"), SIGTERM);
  EXPECT_EQ(*signal_number("15"), 15);
  EXPECT_EQ(*signal_number("SIGRTMIN+3"), SIGRTMIN + 3);
  EXPECT_EQ(*signal_number("RTMAX-1"), SIGRTMAX - 1);
  for (auto const* bad : {"", "SIG", "sigterm", "SIGRTMIN-1", "SIGRTMIN+99", "SIGRTMAX+1", "1e1", " 9"})
    EXPECT_FALSE(signal_number(bad).has_value()) << bad;
}

}  // namespace
}  // namespace berth::container
