// The in-memory engine under the contract: called directly, over varlink in this process, and as a program.
#include <csignal>
#include <fstream>
#include <thread>

#include "drivers/contract/client.hpp"
#include "drivers/contract/server.hpp"
#include "drivers/fake/fake_engine.hpp"
#include "drivers/fake/fake_machine.hpp"
#include "firmware/base/random.hpp"
#include "tests/contract/program.hpp"
#include "tests/contract/suite.hpp"

namespace berth::contract::testing {
namespace {

constexpr std::int64_t mib_of = 1024 * 1024;

// A qcow2 header that announces 64 MiB, and any file for containers.
class FakeImages {
 public:
  FakeImages() {
    std::string header("QFI\xfb\0\0\0\3", 8);
    header.resize(24, '\0');
    header += std::string("\0\0\0\0\4\0\0\0", 8);
    header.resize(65536, '\0');
    images_[0] = write("vm", GuestKind::vm, ImageFormat::qcow2, header, 128 * mib_of);
    images_[1] =
        write("container", GuestKind::container, ImageFormat::oci_archive, std::string(4096, 'c'), 32 * mib_of);
  }
  TestImage const& of(GuestKind kind) const { return images_[kind == GuestKind::vm ? 0 : 1]; }

 private:
  TestImage write(std::string const& name, GuestKind kind, ImageFormat format, std::string const& bytes,
                  std::int64_t disk) {
    auto const path = (folder_.path() / name).string();
    std::ofstream(path, std::ios::binary) << bytes;
    return {{made<ImageName>(name), kind, format, made<Digest>(sha256_hex(bytes))}, path, disk};
  }

  TemporaryFolder folder_;
  TestImage images_[2];
};

class InProcess final : public Subject {
 public:
  Engine& engine() override { return *engine_; }
  TestImage const& image(GuestKind kind) override { return images_.of(kind); }
  bool crash(GuestId const& guest) override {
    engine_->crash(guest, "killed: out of memory", 137);
    return true;
  }

 private:
  FakeImages images_;
  std::unique_ptr<fake::FakeEngine> engine_ = fake::FakeEngine::open().value();
};

class OverVarlink final : public Subject {
 public:
  OverVarlink() { serve(); }
  ~OverVarlink() override { server_->stop(); }

  Engine& engine() override { return client_; }
  TestImage const& image(GuestKind kind) override { return images_.of(kind); }
  bool crash(GuestId const& guest) override {
    engine_->crash(guest, "killed: out of memory", 137);
    return true;
  }

 private:
  void serve() {
    server_ = Server::listen(*engine_, machine_, {.socket = (folder_.path() / "engine.sock").string()}).value();
    loop_ = std::jthread([this] { EXPECT_TRUE(ok(server_->run())); });
  }

  FakeImages images_;
  TemporaryFolder folder_;
  std::unique_ptr<fake::FakeEngine> engine_ = fake::FakeEngine::open().value();
  SystemClock const clock_;
  fake::FakeMachine machine_{clock_};
  std::unique_ptr<Server> server_;
  EngineClient client_{(folder_.path() / "engine.sock").string()};
  std::jthread loop_;
};

class AsProgram final : public Subject {
 public:
  AsProgram() { start(); }
  Engine& engine() override { return client_; }
  TestImage const& image(GuestKind kind) override { return images_.of(kind); }
  bool restart() override {
    program_->signal(SIGTERM);
    EXPECT_EQ(program_->wait(), 0);
    start();
    return true;
  }

 private:
  void start() {
    program_ = std::make_unique<Program>(std::vector<std::string>{"berth-engine-fake", "--socket", socket_, "--state",
                                                                  (folder_.path() / "state.json").string()});
    if (!await_socket(socket_, *program_)) throw std::runtime_error("berth-engine-fake did not start");
  }

  FakeImages images_;
  TemporaryFolder folder_;
  std::string const socket_ = (folder_.path() / "engine.sock").string();
  std::unique_ptr<Program> program_;
  EngineClient client_{socket_};
};

template <class S>
SubjectMaker maker(std::string name) {
  return {std::move(name), [] { return std::make_unique<S>(); }};
}

INSTANTIATE_TEST_SUITE_P(Fake, EngineContract,
                         ::testing::Values(maker<InProcess>("in_process"), maker<OverVarlink>("over_varlink"),
                                           maker<AsProgram>("as_program")),
                         [](auto const& info) { return info.param.name; });

}  // namespace
}  // namespace berth::contract::testing
