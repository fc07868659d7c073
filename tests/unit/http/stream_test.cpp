#include <gtest/gtest.h>

#include <thread>

#include "firmware/http/stream_registry.hpp"
#include "firmware/http/websocket_channel.hpp"

namespace berth::http {
namespace {

using namespace std::chrono_literals;

TEST(StreamRegistry, CapsAnOwnerAndAll) {
  StreamRegistry registry(3, 2);
  auto first = registry.enter("ann", [] {});
  auto second = registry.enter("ann", [] {});
  ASSERT_TRUE(first && second);
  EXPECT_EQ(registry.enter("ann", [] {}).error(), 429);
  auto third = registry.enter("bob", [] {});
  ASSERT_TRUE(third);
  EXPECT_EQ(registry.enter("cid", [] {}).error(), 503);
  {
    auto const gone = std::move(*first);
  }
  EXPECT_TRUE(registry.enter("ann", [] {}));
}

TEST(StreamRegistry, ClosesWhatIsOpen) {
  StreamRegistry registry(3, 3);
  int closed = 0;
  auto one = registry.enter("ann", [&] { ++closed; });
  {
    auto const gone = registry.enter("ann", [&] { closed += 100; });
  }
  registry.close_all();
  EXPECT_EQ(closed, 1);
}

TEST(WebSocketFrame, HasTheShortestLength) {
  EXPECT_EQ(make_frame(Opcode::text, "hi"), "\x81\x02hi");
  EXPECT_EQ(make_frame(Opcode::binary, std::string(126, 'x')).substr(0, 4), std::string("\x82\x7e\x00\x7e", 4));
  EXPECT_EQ(make_frame(Opcode::binary, std::string(65536, 'x')).substr(0, 10),
            std::string("\x82\x7f\0\0\0\0\0\x01\0\0", 10));
  EXPECT_EQ(close_payload(CloseCode::policy_violation, std::string(200, 'r')).size(), 125U);
}

TEST(Sender, RefusesWhatDoesNotFitAndWaitsForRoom) {
  auto const channel = std::make_shared<Sender::Channel>(1000);
  Sender const sender(channel);
  EXPECT_TRUE(sender.send(MessageKind::binary, std::string(900, 'x')));
  EXPECT_FALSE(sender.send(MessageKind::binary, std::string(900, 'x')));
  std::jthread const reader([&] { EXPECT_TRUE(channel->next_frame()); });
  EXPECT_TRUE(sender.send(MessageKind::binary, std::string(900, 'x'), 10s));
}

TEST(Sender, SendsAMessageLargerThanTheQueueWhenItIsEmpty) {
  Sender const sender(std::make_shared<Sender::Channel>(10));
  EXPECT_TRUE(sender.send(MessageKind::binary, std::string(900, 'x')));
  EXPECT_FALSE(sender.send(MessageKind::binary, "y"));
}

TEST(Sender, WakesWhenItIsClosedElsewhere) {
  auto const channel = std::make_shared<Sender::Channel>(10);
  Sender const sender(channel);
  ASSERT_TRUE(sender.send(MessageKind::binary, std::string(900, 'x')));
  std::jthread const closing([&] { sender.close(CloseCode::policy_violation, "right withdrawn"); });
  EXPECT_FALSE(sender.send(MessageKind::binary, "y", 10s));
  EXPECT_FALSE(sender.open());
}

TEST(Sender, OutlivesItsSocket) {
  auto channel = std::make_shared<Sender::Channel>(10);
  Sender const sender(channel);
  channel->detach();
  channel.reset();
  EXPECT_FALSE(sender.send(MessageKind::text, "x"));
  sender.close(CloseCode::normal, {});
}

TEST(Channel, AnswersAFloodOfPingsWithAFew) {
  Sender::Channel channel(1000);
  for (int i = 0; i < 1000; ++i) channel.send_control(Opcode::pong, std::string(125, 'p'));
  int frames = 0;
  while (channel.next_frame()) ++frames;
  EXPECT_EQ(frames, 4);
}

}  // namespace
}  // namespace berth::http
