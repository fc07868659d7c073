#include "drivers/fake/fake_state.hpp"

#include <algorithm>
#include <fstream>
#include <sstream>

#include "firmware/base/json_reply.hpp"

namespace berth::fake {
namespace {

template <class Item, class Match>
Item* find_in(std::vector<Item>& items, Match match) {
  auto const found = std::ranges::find_if(items, match);
  return found == items.end() ? nullptr : &*found;
}

}  // namespace

FakeImage* FakeState::image(std::string_view name) {
  return find_in(images, [&](FakeImage const& i) { return i.wish.image.str() == name; });
}
contract::CreateDisk* FakeState::disk(std::string_view guest) {
  return find_in(disks, [&](contract::CreateDisk const& d) { return d.guest.str() == guest; });
}
FakeNic* FakeState::nic(std::string_view guest) {
  return find_in(nics, [&](FakeNic const& n) { return n.guest.str() == guest; });
}
FakeGuest* FakeState::guest(std::string_view id) {
  return find_in(guests, [&](FakeGuest const& g) { return g.spec.guest.str() == id; });
}

Result<FakeState> load_state(std::filesystem::path const& file) {
  std::error_code ec;
  if (!std::filesystem::exists(file, ec)) return FakeState{};
  std::ifstream in(file, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  if (!in) return fail(ErrorCode::io, "io-error", "cannot read " + file.string());
  return from_reply<FakeState>(TRY(parse_json(text.str())));
}

Result<void> save_state(FakeState const& state, std::filesystem::path const& file) {
  auto const fresh = file.string() + ".new";
  {
    std::ofstream out(fresh, std::ios::binary | std::ios::trunc);
    out << write_json(state) << '\n';
    out.flush();
    if (!out) return fail(ErrorCode::io, "io-error", "cannot write " + fresh);
  }
  std::error_code ec;
  std::filesystem::rename(fresh, file, ec);
  if (ec) return fail(ErrorCode::io, "io-error", "cannot replace " + file.string() + ": " + ec.message());
  return {};
}

}  // namespace berth::fake
