#include "tests/contract/suite.hpp"

#include <format>
#include <stdexcept>
#include <thread>

namespace berth::contract::testing {

::testing::AssertionResult succeeded(Error const* error) {
  if (error == nullptr) return ::testing::AssertionSuccess();
  return ::testing::AssertionFailure() << to_string(error->code) << " " << describe(*error);
}

void await(std::function<bool()> const& condition) {
  auto const until = std::chrono::steady_clock::now() + Conversation::patience;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > until) throw std::runtime_error("what was waited for did not come");
    std::this_thread::sleep_for(std::chrono::milliseconds{10});
  }
}

void EngineContract::SetUp() {
  subject_ = GetParam().make();
  ASSERT_TRUE(ok(engine().ensure_network(test_network())));
}

// The next test finds nothing, and this one shows that everything can be taken away again.
void EngineContract::TearDown() {
  if (!subject_) return;
  auto const all = engine().guests();
  ASSERT_TRUE(ok(all));
  for (auto const& status : *all) {
    auto const guest = made<GuestId>(status.guest);
    EXPECT_TRUE(ok(engine().stop_guest({guest, {0}, true})));
    EXPECT_TRUE(ok(engine().undefine_guest(guest)));
    EXPECT_TRUE(ok(engine().disconnect_network(guest)));
    EXPECT_TRUE(ok(engine().delete_disk(guest)));
  }
  auto const left = engine().guests();
  ASSERT_TRUE(ok(left));
  EXPECT_TRUE(left->empty()) << left->front().guest << " is still here";
  auto const images = engine().images();
  ASSERT_TRUE(ok(images));
  for (auto const& image : *images) EXPECT_TRUE(ok(engine().remove_image(made<ImageName>(image.image))));
}

GuestSpec EngineContract::spec(unsigned number, GuestKind kind) {
  GuestSpec spec;
  spec.guest = guest_id(number);
  spec.kind = kind;
  spec.image = subject_->image(kind).wish.image;
  spec.hostname = made<Hostname>(std::format("guest-{}", number));
  spec.vcpus = {1};
  spec.memory_bytes = {kind == GuestKind::vm ? subject_->guest_memory() : std::int64_t{64} * 1024 * 1024};
  spec.disk_bytes = {subject_->image(kind).disk_bytes};
  spec.nic = test_nic(number);
  // crypt(3), "berth-test"
  spec.seed.password_crypt = made<Text<3, 256>>(
      "$6$berthtest$QVWnvBZfck2VIvX0/so7a4pYKQHiuniHRzQ1QY0OL.PIxJAZ5fX62iiUBCtmm5Gkw9nA20vCkJx8RcjAV6sBV.");
  return spec;
}

// What a test stands on. It ends there and then when that is not to be had.
template <class T>
T must(Result<T> result) {
  if (!result) throw std::runtime_error(std::string(to_string(result.error().code)) + " " + describe(result.error()));
  if constexpr (!std::is_void_v<T>) return *std::move(result);
}

void EngineContract::import(GuestKind kind) {
  auto const& image = subject_->image(kind);
  must(engine().import_image(image.wish, open_file(image.path)));
}

void EngineContract::give_disk(unsigned number, GuestKind kind) {
  import(kind);
  auto const& image = subject_->image(kind);
  must(engine().create_disk({guest_id(number), kind, image.wish.image, {image.disk_bytes}}));
}

void EngineContract::connect(unsigned number) {
  must(engine().connect_network(guest_id(number), test_nic(number)));
}

GuestSpec EngineContract::prepare(unsigned number, GuestKind kind) {
  give_disk(number, kind);
  connect(number);
  auto wanted = spec(number, kind);
  must(engine().define_guest(wanted));
  return wanted;
}

GuestSpec EngineContract::run(unsigned number, GuestKind kind) {
  auto wanted = prepare(number, kind);
  auto const started = must(engine().start_guest(wanted.guest));
  if (started.state != GuestState::running) throw std::runtime_error("started, and does not run: " + started.reason);
  return wanted;
}

GuestState EngineContract::state(GuestId const& guest) {
  auto const status = engine().guest(guest);
  EXPECT_TRUE(ok(status));
  return status ? status->state : GuestState::absent;
}

void EngineContract::await_state(GuestId const& guest, GuestState wanted) {
  // An engine whose libvirt has just gone on may have no answer yet: that is waited out, it is not a state.
  await([&] {
    auto const status = engine().guest(guest);
    return status && status->state == wanted;
  });
}

Conversation EngineContract::console(GuestId const& guest) {
  return Conversation(must(engine().open_console(guest, ConsoleKind::serial)));
}

}  // namespace berth::contract::testing
