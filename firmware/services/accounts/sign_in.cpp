#include "firmware/services/accounts/sign_in.hpp"

#include "firmware/base/random.hpp"
#include "firmware/events/event.hpp"

namespace berth::accounts {
namespace {

// Names compare without regard to ASCII case; hashed, so that a brake's key has one length.
std::string name_key(std::string_view name) {
  std::string folded(name);
  for (char& c : folded)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  return sha256_hex(folded);
}

Result<std::optional<store::User>> find_user(Call& call, std::string_view name) {
  auto found = call.read([&](store::Snapshot& snapshot) { return snapshot.users.find_by_name(name); });
  if (found) return *std::move(found);
  if (found.error().code == ErrorCode::not_found) return std::nullopt;
  return std::unexpected(std::move(found).error());
}

}  // namespace

Result<Entry> sign_in(Call& call, Doorkeeper& doorkeeper, std::string_view name, std::string_view password,
                      Client const& client) {
  auto const steady = doorkeeper.clock.steady();
  auto const by_address = address_key(client.address);
  auto const by_name = name_key(name);
  TRY(doorkeeper.sign_ins_by_address.admit(by_address, steady));
  bool const known_place = doorkeeper.known_places.knows(by_name, by_address, steady);
  if (!known_place) TRY(doorkeeper.sign_ins_by_name.admit(by_name, steady));

  auto const user = TRY(find_user(call, name));
  bool const known = user && !user->disabled;
  if (!TRY(doorkeeper.hasher.verify(known ? user->password_hash : std::string(), password))) {
    TRY(call.write([&](store::Transaction& tx) {
      return tx.events.add(events::SignInRefused{std::string(name.substr(0, 64)), client.address});
    }));
    return fail(ErrorCode::unauthenticated, "wrong-credentials", "Name or password is wrong.");
  }
  doorkeeper.sign_ins_by_address.forgive(by_address);
  if (!known_place) doorkeeper.sign_ins_by_name.forget(by_name);
  doorkeeper.known_places.remember(by_name, by_address, steady);

  auto session = TRY(call.write([&](store::Transaction& tx) -> Result<NewSession> {
    // Once more inside the transaction: the password may have been changed while this one was verified.
    auto const current = TRY(tx.users.get(user->id));
    if (current.disabled || current.password_hash != user->password_hash)
      return fail(ErrorCode::unauthenticated, "wrong-credentials", "Name or password is wrong.");
    TRY(tx.events.add(events::SignedIn{user->id, user->name, client.address}));
    return open_session(tx, *user, client);
  }));
  return Entry{*user, std::move(session)};
}

}  // namespace berth::accounts
