#include "drivers/contract/client.hpp"

#include "drivers/contract/wire.hpp"

namespace berth::contract {

EngineClient::EngineClient(std::filesystem::path socket, Deadlines deadlines)
    : deadlines_(deadlines), caller_(std::move(socket)) {}

Result<HostFacts> EngineClient::host() {
  return TRY(caller_.call<wire::HostReply>("org.berth.Engine.Host", wire::Nothing{}, deadlines_.read)).host;
}

Result<ImageFacts> EngineClient::import_image(ImportImage const& wish, Descriptor file) {
  return TRY(caller_.call<wire::ImageReply>("org.berth.Engine.ImportImage", wish, deadlines_.import, &file)).image;
}

Result<std::vector<ImageFacts>> EngineClient::images() {
  return TRY(caller_.call<wire::ImagesReply>("org.berth.Engine.Images", wire::Nothing{}, deadlines_.read)).images;
}

Result<void> EngineClient::remove_image(ImageName const& image) {
  TRY(caller_.call<wire::Nothing>("org.berth.Engine.RemoveImage", wire::OfImage{image}, deadlines_.act));
  return {};
}

Result<void> EngineClient::create_disk(CreateDisk const& wish) {
  TRY(caller_.call<wire::Nothing>("org.berth.Engine.CreateDisk", wish, deadlines_.act));
  return {};
}

Result<void> EngineClient::delete_disk(GuestId const& guest) {
  TRY(caller_.call<wire::Nothing>("org.berth.Engine.DeleteDisk", wire::OfGuest{guest}, deadlines_.act));
  return {};
}

Result<void> EngineClient::ensure_network(NetworkSpec const& network) {
  TRY(caller_.call<wire::Nothing>("org.berth.Engine.EnsureNetwork", network, deadlines_.act));
  return {};
}

Result<void> EngineClient::connect_network(GuestId const& guest, NicSpec const& nic) {
  TRY(caller_.call<wire::Nothing>("org.berth.Engine.ConnectNetwork", wire::ConnectNetwork{guest, nic}, deadlines_.act));
  return {};
}

Result<void> EngineClient::disconnect_network(GuestId const& guest) {
  TRY(caller_.call<wire::Nothing>("org.berth.Engine.DisconnectNetwork", wire::OfGuest{guest}, deadlines_.act));
  return {};
}

Result<void> EngineClient::define_guest(GuestSpec const& spec) {
  TRY(caller_.call<wire::Nothing>("org.berth.Engine.DefineGuest", spec, deadlines_.act));
  return {};
}

Result<void> EngineClient::undefine_guest(GuestId const& guest) {
  TRY(caller_.call<wire::Nothing>("org.berth.Engine.UndefineGuest", wire::OfGuest{guest}, deadlines_.act));
  return {};
}

Result<GuestStatus> EngineClient::start_guest(GuestId const& guest) {
  return TRY(caller_.call<wire::StatusReply>("org.berth.Engine.StartGuest", wire::OfGuest{guest}, deadlines_.act))
      .status;
}

Result<GuestStatus> EngineClient::stop_guest(StopGuest const& wish) {
  auto const deadline = std::chrono::seconds{wish.timeout_s.value} + deadlines_.stop_grace;
  return TRY(caller_.call<wire::StatusReply>("org.berth.Engine.StopGuest", wish, deadline)).status;
}

Result<GuestStatus> EngineClient::pause_guest(GuestId const& guest) {
  return TRY(caller_.call<wire::StatusReply>("org.berth.Engine.PauseGuest", wire::OfGuest{guest}, deadlines_.act))
      .status;
}

Result<GuestStatus> EngineClient::resume_guest(GuestId const& guest) {
  return TRY(caller_.call<wire::StatusReply>("org.berth.Engine.ResumeGuest", wire::OfGuest{guest}, deadlines_.act))
      .status;
}

Result<GuestStatus> EngineClient::guest(GuestId const& guest) {
  return TRY(caller_.call<wire::StatusReply>("org.berth.Engine.Guest", wire::OfGuest{guest}, deadlines_.read)).status;
}

Result<std::vector<GuestStatus>> EngineClient::guests() {
  return TRY(caller_.call<wire::GuestsReply>("org.berth.Engine.Guests", wire::Nothing{}, deadlines_.read)).guests;
}

Result<void> EngineClient::monitor(std::stop_token const& stop, GuestNewsListener const& heard) {
  return caller_.follow("org.berth.Engine.Monitor", stop, [&](json::value const& answer) -> Result<void> {
    heard(TRY(from_reply<wire::News>(answer)).guest);
    return {};
  });
}

Result<Descriptor> EngineClient::open_console(GuestId const& guest, ConsoleKind kind) {
  Descriptor console;
  TRY(caller_.call<wire::Nothing>("org.berth.Engine.OpenConsole", wire::OpenConsole{guest, kind}, deadlines_.read,
                                  nullptr, &console));
  return console;
}

Result<void> EngineClient::resize_console(GuestId const& guest, ConsoleSize const& size) {
  TRY(caller_.call<wire::Nothing>("org.berth.Engine.ResizeConsole", wire::ResizeConsole{guest, size}, deadlines_.read));
  return {};
}

}  // namespace berth::contract
