// berth-installer: lists disks and writes the image to them. Started by the installer's pages (firmware/console) on its medium.
//
//   berth-installer offer      a contract::InstallOffer on standard output
//   berth-installer seed       the contract::InstallWish and what comes after of the seed's member "install", or nothing
//   berth-installer install    a contract::InstallWish on standard input; contract::InstallReport lines on standard output
//
// --payload, --root and --medium name other places than the medium's own.
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <iostream>
#include <iterator>

#include "drivers/installer/install.hpp"
#include "drivers/installer/seed.hpp"

namespace berth::installer {
namespace {

struct Places {
  std::string payload = "/run/berth-payload";
  std::string root = "/dev/berth/root";
  std::string medium = "/dev/berth/payload";  // a partition of it
  std::string seeds = "/dev/disk/by-label/BERTHSEED";
};

void say(std::string const& line) {
  std::cout << line << '\n' << std::flush;
}

void report(contract::InstallStep step, int percent, std::string const& failure = {}) {
  contract::InstallReport line{step, {percent}, {}};
  if (!failure.empty()) {
    auto text = decltype(line.failure)::value_type::parse(std::string_view(failure).substr(0, 600));
    line.failure = text ? *text : decltype(line.failure)::value_type::parse("the reason cannot be shown").value();
  }
  say(write_json(line));
}

Result<std::vector<Disk>> disks_of(Places const& places) {
  return list_disks(TRY(disk_of(places.medium)));
}

Result<void> offer(Places const& places) {
  auto const payload = TRY(Payload::read(places.payload, places.root));
  say(write_json(offer_of(payload.layout(), TRY(disks_of(places)))));
  return {};
}

Result<void> seed(Places const& places) {
  auto const found = TRY(read_seed(places.seeds));
  if (!found) return {};
  auto const payload = TRY(Payload::read(places.payload, places.root));
  contract::SeededInstall seeded{TRY(wish_of(payload.layout(), TRY(disks_of(places)), *found)), found->then};
  say(write_json(seeded));
  return {};
}

Result<void> act(Places const& places, contract::InstallStep& last) {
  constexpr std::size_t wish_bytes_max = 4096;
  std::string text(wish_bytes_max, '\0');
  std::cin.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(std::cin.gcount()));
  auto const wish = TRY(read_json<contract::InstallWish>(text));
  auto const payload = TRY(Payload::read(places.payload, places.root));
  return install(payload, TRY(disks_of(places)), wish, [&](contract::InstallStep step, int percent) {
    last = step;
    report(step, percent);
  });
}

}  // namespace
}  // namespace berth::installer

int main(int argc, char** argv) {
  using namespace berth;
  CLI::App app("Writes Berth to the disks of this machine");
  installer::Places places;
  app.add_option("--payload", places.payload, "the folder with the parts")->capture_default_str();
  app.add_option("--root", places.root, "what begins with the system's squashfs")->capture_default_str();
  app.add_option("--medium", places.medium, "a partition of the disk that is not offered")->capture_default_str();
  app.add_option("--seed", places.seeds, "the volume with the answers")->capture_default_str();
  auto* offer = app.add_subcommand("offer", "what can be installed where");
  auto* seed = app.add_subcommand("seed", "what the seed wants");
  auto* install = app.add_subcommand("install", "does what standard input says");
  app.require_subcommand(1);
  CLI11_PARSE(app, argc, argv);
  std::signal(SIGPIPE, SIG_IGN);  // a terminal that goes away must not leave a disk half written

  auto last = contract::InstallStep::check_medium;
  Result<void> done;
  if (offer->parsed()) done = installer::offer(places);
  if (seed->parsed()) done = installer::seed(places);
  if (install->parsed()) done = installer::act(places, last);
  if (done) return 0;
  if (install->parsed())
    installer::report(last, 0, done.error().message);
  else
    std::cerr << describe(done.error()) << '\n';
  return 1;
}
