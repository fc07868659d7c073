// What varlink adds to the contract: an engine that hangs, calls side by side, callers without the right, varlinkctl.
#include <sys/wait.h>

#include <csignal>
#include <fstream>
#include <future>
#include <thread>

#include "drivers/contract/client.hpp"
#include "drivers/contract/server.hpp"
#include "drivers/fake/fake_engine.hpp"
#include "drivers/fake/fake_machine.hpp"
#include "firmware/base/process.hpp"
#include "tests/contract/program.hpp"
#include "tests/contract/suite.hpp"

namespace berth::contract::testing {
namespace {

using namespace std::chrono_literals;

class Varlink : public ::testing::Test {
 protected:
  void SetUp() override {
    server_ = Server::listen(*engine_, machine_, {.socket = socket_, .drain = 200ms}).value();
    loop_ = std::jthread([this] { left_ = server_->run(); });
  }
  void TearDown() override {
    server_->stop();
    loop_.join();
    engine_->faults().release();
  }

  TemporaryFolder folder_;
  std::string const socket_ = (folder_.path() / "engine.sock").string();
  std::unique_ptr<fake::FakeEngine> engine_ = fake::FakeEngine::open().value();
  SystemClock const clock_;
  fake::FakeMachine machine_{clock_};
  std::unique_ptr<Server> server_;
  Result<void> left_;
  std::jthread loop_;
};

TEST_F(Varlink, ACallThatBlocksHoldsUpNoOther) {
  EngineClient client(socket_);
  engine_->faults().hang_next("guest");
  auto stuck = std::async(std::launch::async, [&] { return client.guest(guest_id(1)); });
  await([&] { return engine_->faults().hanging() == 1; });
  EXPECT_TRUE(ok(client.guest(guest_id(1)))) << "same client, same method";
  EXPECT_TRUE(ok(EngineClient(socket_).host()));
  engine_->faults().release();
  EXPECT_TRUE(ok(stuck.get()));
}

TEST_F(Varlink, ACallBeyondItsDeadlineIsUnavailable) {
  EngineClient client(socket_, {.read = 100ms});
  engine_->faults().hang_next("host");
  auto const late = client.host();
  EXPECT_EQ(code_of(late), ErrorCode::unavailable);
  EXPECT_EQ(late.error().slug, "engine-timeout");
  EXPECT_TRUE(ok(client.host())) << "the next one takes another connection";
  engine_->faults().release();
}

TEST_F(Varlink, ManyCallersAtOnceAreAllAnswered) {
  EngineClient client(socket_);
  std::vector<std::future<bool>> callers;
  for (int i = 0; i < 100; ++i)
    callers.push_back(std::async(std::launch::async, [&] { return client.guests().has_value(); }));
  for (auto& caller : callers) EXPECT_TRUE(caller.get());
}

TEST_F(Varlink, AnErrorArrivesAsItWasGiven) {
  EngineClient client(socket_);
  Error sent{ErrorCode::exhausted,
             "no-space",
             "The disk is full: \"/\\\xc3\xa4\n.",
             {{"/a/0", "is bad"}, {"", "all"}},
             "while trying"};
  engine_->faults().fail_next("host", sent);
  auto const got = client.host();
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().code, sent.code);
  EXPECT_EQ(got.error().slug, sent.slug);
  EXPECT_EQ(got.error().message, sent.message);
  ASSERT_EQ(got.error().fields.size(), 2U);
  EXPECT_EQ(got.error().fields[0].pointer, "/a/0");
  EXPECT_EQ(got.error().fields[1].message, "all");
}

TEST_F(Varlink, ASecondServerOnTheSocketIsRefused) {
  EXPECT_EQ(code_of(Server::listen(*engine_, machine_, {.socket = socket_}).transform([](auto&&) {})),
            ErrorCode::conflict);
  EXPECT_TRUE(ok(EngineClient(socket_).host())) << "and the first goes on";
}

TEST_F(Varlink, AServerWaitsForCallsUnderWayButNotForEver) {
  EngineClient client(socket_);
  engine_->faults().hang_next("start_guest");
  auto stuck = std::async(std::launch::async, [&] { return client.start_guest(guest_id(1)); });
  await([&] { return engine_->faults().hanging() == 1; });
  server_->stop();
  loop_.join();
  loop_ = std::jthread([] {});
  EXPECT_EQ(code_of(left_), ErrorCode::timed_out);
  engine_->faults().release();
  server_.reset();
  EXPECT_EQ(code_of(stuck.get()), ErrorCode::unavailable);
  server_ = Server::listen(*engine_, machine_, {.socket = socket_}).value();
}

TEST_F(Varlink, AStrangerIsHungUpOn) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root to become somebody else";
  std::filesystem::permissions(folder_.path(), std::filesystem::perms::all);
  std::filesystem::permissions(socket_, std::filesystem::perms::all);
  auto const ask_as = [&](uid_t uid) {
    pid_t const child = ::fork();
    if (child == 0) {
      if (::setresuid(uid, uid, uid) != 0) ::_exit(99);
      auto const answer = EngineClient(socket_).host();
      ::_exit(answer ? 0 : answer.error().slug == "engine-down" ? 1 : 2);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    return WEXITSTATUS(status);
  };
  EXPECT_EQ(ask_as(12345), 1);
  EXPECT_EQ(ask_as(940), 0) << "user berth, rootfs/hooks/10-users.sh";
}

TEST(VarlinkProgram, AStoppedEngineIsUnavailableUntilItGoesOn) {
  TemporaryFolder folder;
  auto const socket = (folder.path() / "engine.sock").string();
  Program program({"berth-engine-fake", "--socket", socket});
  ASSERT_TRUE(await_socket(socket, program));
  EngineClient client(socket, {.read = 200ms, .act = 200ms, .import = 200ms, .stop_grace = 200ms});
  ASSERT_TRUE(ok(client.host()));
  program.signal(SIGSTOP);
  EXPECT_EQ(code_of(client.host()), ErrorCode::unavailable);
  EXPECT_EQ(code_of(client.start_guest(guest_id(1))), ErrorCode::unavailable);
  EXPECT_EQ(code_of(client.stop_guest({guest_id(1), {0}, true})), ErrorCode::unavailable);
  EXPECT_EQ(code_of(client.open_console(guest_id(1), ConsoleKind::serial)), ErrorCode::unavailable);
  program.signal(SIGCONT);
  await([&] { return client.host().has_value(); });
}

TEST(VarlinkProgram, NobodyOnTheSocketIsUnavailableAtOnce) {
  TemporaryFolder folder;
  EngineClient client((folder.path() / "engine.sock").string());
  auto const answer = client.host();
  EXPECT_EQ(code_of(answer), ErrorCode::unavailable);
  EXPECT_EQ(answer.error().slug, "engine-down");
}

TEST(VarlinkProgram, AKilledEngineIsReplacedUnderTheClient) {
  TemporaryFolder folder;
  auto const socket = (folder.path() / "engine.sock").string();
  auto program = std::make_unique<Program>(std::vector<std::string>{"berth-engine-fake", "--socket", socket});
  ASSERT_TRUE(await_socket(socket, *program));
  EngineClient client(socket);
  ASSERT_TRUE(ok(client.host()));
  program->signal(SIGKILL);
  EXPECT_EQ(program->wait(), 128 + SIGKILL);
  EXPECT_EQ(code_of(client.host()), ErrorCode::unavailable);
  program = std::make_unique<Program>(std::vector<std::string>{"berth-engine-fake", "--socket", socket});
  ASSERT_TRUE(await_socket(socket, *program)) << "the socket that was left behind is replaced";
  EXPECT_TRUE(ok(client.host()));
}

class Varlinkctl : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(await_socket(socket_, program_)); }
  ProgramOutput call(std::string const& method, std::string const& parameters) {
    return run_program({"varlinkctl", "call", "--json=short", socket_, "org.berth.Engine." + method, parameters})
        .value();
  }

  TemporaryFolder folder_;
  std::string const socket_ = (folder_.path() / "engine.sock").string();
  Program program_{{"berth-engine-fake", "--socket", socket_}};
};

TEST_F(Varlinkctl, Introspects) {
  auto const shown = run_program({"varlinkctl", "introspect", socket_, "org.berth.Engine"}).value();
  EXPECT_EQ(shown.exit_code, 0) << shown.err;
  for (auto const* expected :
       {"method StopGuest(", "method ImportImage(", "error Failed(", "type GuestState(", "# This machine"})
    EXPECT_NE(shown.out.find(expected), std::string::npos) << expected << "\n" << shown.out.substr(0, 400);
}

TEST_F(Varlinkctl, CallsAndIsRefusedWithTheFieldNamed) {
  auto const host = call("Host", "{}");
  EXPECT_EQ(host.exit_code, 0) << host.err;
  EXPECT_NE(host.out.find(R"("hostname":"berth-fake")"), std::string::npos) << host.out;
  EXPECT_EQ(call("EnsureNetwork", R"({"gateway":"10.1.0.1","prefix":24,"nat":false})").exit_code, 0);
  auto const bad = call("EnsureNetwork", R"({"gateway":"10.1.0.1","prefix":99,"nat":false})");
  EXPECT_NE(bad.exit_code, 0);
  EXPECT_NE((bad.out + bad.err).find(R"("pointer":"/prefix")"), std::string::npos) << bad.out << bad.err;
}

// Values that no type lets in from this side: the wire must refuse them too, and each by name.
TEST_F(Varlinkctl, HostileValuesAreRefusedByName) {
  auto const names = [&](std::string const& method, std::string const& parameters) {
    auto const answer = call(method, parameters);
    EXPECT_NE(answer.exit_code, 0) << parameters;
    return answer.out + answer.err;
  };
  auto const guest = R"("guest":"0190f3c4-0000-7000-8000-000000000001")";
  EXPECT_NE(names("StopGuest", std::format(R"({{{},"timeout_s":-1,"force":true}})", guest)).find("timeout_s"),
            std::string::npos);
  EXPECT_NE(names("StopGuest", std::format(R"({{{},"timeout_s":9223372036854775808,"force":true}})", guest))
                .find("timeout_s"),
            std::string::npos);
  EXPECT_NE(names("StopGuest", std::format(R"({{{},"timeout_s":"1","force":true}})", guest)).find("timeout_s"),
            std::string::npos);
  EXPECT_NE(names("StopGuest", std::format(R"({{{},"timeout_s":1}})", guest)).find("force"), std::string::npos);
  EXPECT_NE(names("Guest", R"({"guest":"0190f3c4-0000-7000-8000-00000000000\n"})").find("guest"), std::string::npos);
  EXPECT_NE(names("OpenConsole", std::format(R"({{{},"kind":"telnet"}})", guest)).find("kind"), std::string::npos);
  EXPECT_NE(names("Guests", R"({"more":1})").find("more"), std::string::npos);
  EXPECT_NE(
      names("ResizeConsole", std::format(R"({{{},"size":{{"columns":0,"rows":24}}}})", guest)).find("/size/columns"),
      std::string::npos);
  EXPECT_NE(names("ImportImage",
                  std::format(R"({{"image":"a","kind":"vm","format":"qcow2","sha256":"{}"}})", std::string(64, 'a')))
                .find("descriptor-missing"),
            std::string::npos);
  EXPECT_EQ(call("Host", "{}").exit_code, 0) << "none of it hurt the engine";
}

}  // namespace
}  // namespace berth::contract::testing
