#include "firmware/base/process.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <cstdlib>

#include "firmware/base/descriptor.hpp"

namespace berth {
namespace {

using namespace std::chrono_literals;

TEST(Process, GivesOutputAndExitCode) {
  auto const output = run_program({"sh", "-c", "echo out; echo err >&2; exit 3"});
  ASSERT_TRUE(output.has_value()) << describe(output.error());
  EXPECT_EQ(output->out, "out\n");
  EXPECT_EQ(output->err, "err\n");
  EXPECT_EQ(output->exit_code, 3);
}

TEST(Process, ArgumentsAreNotInterpreted) {
  auto const output = run_program({"printf", "%s|", "a b", "$(id)", "", "'\n"});
  ASSERT_TRUE(output.has_value());
  EXPECT_EQ(output->out, "a b|$(id)||'\n|");
}

TEST(Process, PassesInputAndOnlyItsOwnEnvironment) {
  ASSERT_EQ(::setenv("BERTH_SECRET", "1", 1), 0);
  auto const output = run_program({"sh", "-c", "cat; env"}, {.input = "hello\n", .environment = {"COLOUR=blue"}});
  ASSERT_TRUE(output.has_value());
  EXPECT_TRUE(output->out.starts_with("hello\n"));
  EXPECT_NE(output->out.find("COLOUR=blue\n"), std::string::npos);
  EXPECT_EQ(output->out.find("BERTH_SECRET"), std::string::npos);
}

TEST(Process, InheritsNothingButWhatIsNamed) {
  Descriptor const leaked(::open("/dev/null", O_RDONLY));  // without O_CLOEXEC on purpose
  Descriptor const named(::open("/dev/zero", O_RDONLY | O_CLOEXEC));
  auto const output =
      run_program({"sh", "-c", "for f in /proc/self/fd/*; do readlink $f; done"}, {.descriptors = {{named.get(), 3}}});
  ASSERT_TRUE(output.has_value());
  EXPECT_NE(output->out.find("/dev/zero"), std::string::npos);
  EXPECT_EQ(std::string::npos, output->out.find("/dev/null\n", output->out.find("/dev/null\n") + 1)) << output->out;
}

TEST(Process, EndsWithItsDeadline) {
  auto const output = run_program({"sh", "-c", "sleep 1000 & wait"}, {.deadline = 50ms});
  ASSERT_FALSE(output.has_value());
  EXPECT_EQ(output.error().code, ErrorCode::timed_out);
}

TEST(Process, BoundsItsOutput) {
  auto const output = run_program({"sh", "-c", "yes"}, {.output_bytes_max = 1000});
  ASSERT_FALSE(output.has_value());
  EXPECT_EQ(output.error().code, ErrorCode::too_large);
}

TEST(Process, SaysWhatIsMissing) {
  EXPECT_EQ(run_program({"no-such-program-here"}).error().code, ErrorCode::not_found);
  EXPECT_EQ(run_program({}).error().code, ErrorCode::invalid_argument);
}

TEST(Process, CheckedKeepsTheLastWords) {
  auto const output = run_checked({"sh", "-c", "echo why >&2; exit 1"});
  ASSERT_FALSE(output.has_value());
  EXPECT_NE(output.error().message.find("why"), std::string::npos);
  EXPECT_EQ(*run_checked({"echo", "x"}), "x\n");
}

TEST(Process, ADaemonMayOutliveIt) {
  std::array<int, 2> ends{};
  ASSERT_EQ(::pipe2(ends.data(), O_CLOEXEC), 0);
  Descriptor const read(ends[0]);
  Descriptor write(ends[1]);
  auto const output = run_program({"sh", "-c", "(sleep 0.2; echo alive >&5) & exit 0"},
                                  {.capture = false, .descriptors = {{write.get(), 5}}});
  write.reset();
  ASSERT_TRUE(output.has_value());
  std::array<char, 16> text{};
  EXPECT_EQ(::read(read.get(), text.data(), text.size()), 6);
}

}  // namespace
}  // namespace berth
