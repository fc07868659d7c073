// How calls, replies and errors look as JSON on the varlink wire. Shared by the clients and server.cpp.
// A call that takes one struct has that struct's fields as its parameters; the others have the shapes below.
#pragma once

#include <systemd/sd-json.h>

#include <memory>

#include "drivers/contract/machine_types.hpp"
#include "drivers/contract/types.hpp"

namespace berth::contract::wire {

// The one error of each interface: sd-varlink sends only what the called interface declares.
inline constexpr char engine_failed[] = "org.berth.Engine.Failed";
inline constexpr char machine_failed[] = "org.berth.Machine.Failed";
// What a message may have at most: sd-varlink refuses longer ones (VARLINK_BUFFER_MAX).
inline constexpr std::size_t message_bytes_max = std::size_t{16} * 1024 * 1024;

struct Nothing {};
BOOST_DESCRIBE_STRUCT(Nothing, (), ())
struct OfImage {
  ImageName image;
};
BOOST_DESCRIBE_STRUCT(OfImage, (), (image))
struct OfGuest {
  GuestId guest;
};
BOOST_DESCRIBE_STRUCT(OfGuest, (), (guest))
struct ConnectNetwork {
  GuestId guest;
  NicSpec nic;
};
BOOST_DESCRIBE_STRUCT(ConnectNetwork, (), (guest, nic))
struct OpenConsole {
  GuestId guest;
  ConsoleKind kind = ConsoleKind::serial;
};
BOOST_DESCRIBE_STRUCT(OpenConsole, (), (guest, kind))
struct ResizeConsole {
  GuestId guest;
  ConsoleSize size;
};
BOOST_DESCRIBE_STRUCT(ResizeConsole, (), (guest, size))

struct HostReply {
  HostFacts host;
};
BOOST_DESCRIBE_STRUCT(HostReply, (), (host))
struct ImageReply {
  ImageFacts image;
};
BOOST_DESCRIBE_STRUCT(ImageReply, (), (image))
struct ImagesReply {
  std::vector<ImageFacts> images;
};
BOOST_DESCRIBE_STRUCT(ImagesReply, (), (images))
struct StatusReply {
  GuestStatus status;
};
BOOST_DESCRIBE_STRUCT(StatusReply, (), (status))
struct GuestsReply {
  std::vector<GuestStatus> guests;
};
BOOST_DESCRIBE_STRUCT(GuestsReply, (), (guests))

struct OfHostname {
  Hostname name;
};
BOOST_DESCRIBE_STRUCT(OfHostname, (), (name))
struct OfSlot {
  SlotName slot = SlotName::a;
};
BOOST_DESCRIBE_STRUCT(OfSlot, (), (slot))
struct OfFoundUpdate {
  FoundUpdateId id;
};
BOOST_DESCRIBE_STRUCT(OfFoundUpdate, (), (id))
struct OfPower {
  PowerAct act = PowerAct::restart;
};
BOOST_DESCRIBE_STRUCT(OfPower, (), (act))

struct FactsReply {
  MachineFacts facts;
};
BOOST_DESCRIBE_STRUCT(FactsReply, (), (facts))
struct TimeReply {
  TimeSettings settings;
};
BOOST_DESCRIBE_STRUCT(TimeReply, (), (settings))
struct NetworkReply {
  NetworkState network;
};
BOOST_DESCRIBE_STRUCT(NetworkReply, (), (network))
struct SshReply {
  SshSettings ssh;
};
BOOST_DESCRIBE_STRUCT(SshReply, (), (ssh))
struct SlotsReply {
  Slots slots;
};
BOOST_DESCRIBE_STRUCT(SlotsReply, (), (slots))
struct UpdateReply {
  UpdateProgress update;
};
BOOST_DESCRIBE_STRUCT(UpdateReply, (), (update))
struct FoundUpdatesReply {
  std::vector<FoundUpdate> updates;
};
BOOST_DESCRIBE_STRUCT(FoundUpdatesReply, (), (updates))

// One reply of Monitor.
struct News {
  std::optional<GuestId> guest;
};
BOOST_DESCRIBE_STRUCT(News, (), (guest))

json::object encode_error(Error const& error);
// Of an error reply: its varlink name and its parameters. Never fails: what is not understood becomes Error{internal}.
Error decode_error(std::string_view name, json::value const& parameters);

struct Unref {
  void operator()(sd_json_variant* v) const { sd_json_variant_unref(v); }
};
using Variant = std::unique_ptr<sd_json_variant, Unref>;

// Between the two JSON libraries, by way of text. A null pointer is an empty object.
Result<json::value> from_variant(sd_json_variant* variant);
Result<Variant> to_variant(json::value const& value);

}  // namespace berth::contract::wire
