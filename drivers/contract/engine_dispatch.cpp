#include "drivers/contract/dispatch.hpp"
#include "drivers/contract/dispatch_parts.hpp"

namespace berth::contract {
namespace {

using namespace dispatching;

// A method whose one parameter is the guest, and whose answer is its state.
template <Result<GuestStatus> (Engine::*Call)(GuestId const&)>
Reply status_of(Engine& engine, json::value const& v, Descriptor) {
  auto wish = TRY(decode<wire::OfGuest>(v));
  return answer(wire::StatusReply{TRY((engine.*Call)(wish.guest))});
}

template <Result<void> (Engine::*Call)(GuestId const&)>
Reply done_to(Engine& engine, json::value const& v, Descriptor) {
  auto wish = TRY(decode<wire::OfGuest>(v));
  return done((engine.*Call)(wish.guest));
}

// A method whose parameters are one struct of the contract, and that answers nothing.
template <class Wish, Result<void> (Engine::*Call)(Wish const&)>
Reply done_as(Engine& engine, json::value const& v, Descriptor) {
  auto wish = TRY(decode<Wish>(v));
  return done((engine.*Call)(wish));
}

Reply host(Engine& engine, json::value const& v, Descriptor) {
  TRY(decode<wire::Nothing>(v));
  return answer(wire::HostReply{TRY(engine.host())});
}

Reply import_image(Engine& engine, json::value const& v, Descriptor file) {
  auto wish = TRY(decode<ImportImage>(v));
  return answer(wire::ImageReply{TRY(engine.import_image(wish, std::move(file)))});
}

Reply images(Engine& engine, json::value const& v, Descriptor) {
  TRY(decode<wire::Nothing>(v));
  return answer(wire::ImagesReply{TRY(engine.images())});
}

Reply remove_image(Engine& engine, json::value const& v, Descriptor) {
  auto wish = TRY(decode<wire::OfImage>(v));
  return done(engine.remove_image(wish.image));
}

Reply connect_network(Engine& engine, json::value const& v, Descriptor) {
  auto wish = TRY(decode<wire::ConnectNetwork>(v));
  return done(engine.connect_network(wish.guest, wish.nic));
}

Reply stop_guest(Engine& engine, json::value const& v, Descriptor) {
  auto wish = TRY(decode<StopGuest>(v));
  return answer(wire::StatusReply{TRY(engine.stop_guest(wish))});
}

Reply guests(Engine& engine, json::value const& v, Descriptor) {
  TRY(decode<wire::Nothing>(v));
  return answer(wire::GuestsReply{TRY(engine.guests())});
}

Reply open_console(Engine& engine, json::value const& v, Descriptor) {
  auto wish = TRY(decode<wire::OpenConsole>(v));
  return DispatchReply{json::object{}, TRY(engine.open_console(wish.guest, wish.kind))};
}

Reply resize_console(Engine& engine, json::value const& v, Descriptor) {
  auto wish = TRY(decode<wire::ResizeConsole>(v));
  return done(engine.resize_console(wish.guest, wish.size));
}

constexpr DispatchRow<Engine> rows[] = {
    {"org.berth.Engine.Host", reads, false, host},
    {"org.berth.Engine.ImportImage", acts, true, import_image},
    {"org.berth.Engine.Images", reads, false, images},
    {"org.berth.Engine.RemoveImage", acts, false, remove_image},
    {"org.berth.Engine.CreateDisk", acts, false, done_as<CreateDisk, &Engine::create_disk>},
    {"org.berth.Engine.DeleteDisk", acts, false, done_to<&Engine::delete_disk>},
    {"org.berth.Engine.EnsureNetwork", acts, false, done_as<NetworkSpec, &Engine::ensure_network>},
    {"org.berth.Engine.ConnectNetwork", acts, false, connect_network},
    {"org.berth.Engine.DisconnectNetwork", acts, false, done_to<&Engine::disconnect_network>},
    {"org.berth.Engine.DefineGuest", acts, false, done_as<GuestSpec, &Engine::define_guest>},
    {"org.berth.Engine.UndefineGuest", acts, false, done_to<&Engine::undefine_guest>},
    {"org.berth.Engine.StartGuest", acts, false, status_of<&Engine::start_guest>},
    {"org.berth.Engine.StopGuest", acts, false, stop_guest},
    {"org.berth.Engine.PauseGuest", acts, false, status_of<&Engine::pause_guest>},
    {"org.berth.Engine.ResumeGuest", acts, false, status_of<&Engine::resume_guest>},
    {"org.berth.Engine.Guest", reads, false, status_of<&Engine::guest>},
    {"org.berth.Engine.Guests", reads, false, guests},
    {"org.berth.Engine.OpenConsole", reads, false, open_console},
    {"org.berth.Engine.ResizeConsole", reads, false, resize_console},
};

}  // namespace

std::span<DispatchRow<Engine> const, engine_row_count> engine_rows() {
  return rows;
}

}  // namespace berth::contract
