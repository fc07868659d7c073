#include "firmware/services/accounts/setup.hpp"

#include <array>
#include <span>

#include "firmware/base/random.hpp"
#include "firmware/events/event.hpp"
#include "firmware/services/accounts/default_language.hpp"

namespace berth::accounts {
namespace {

constexpr std::string_view code_setting = "setup_code_sha256";
// Crockford's base 32 (https://www.crockford.com/base32.html): no I, L, O, U.
constexpr std::string_view alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
constexpr std::size_t code_length = 12;

std::unexpected<Error> already_set_up() {
  return fail(ErrorCode::conflict, "already-set-up", "This machine has been set up already. Sign in instead.");
}

std::unexpected<Error> wrong_code() {
  auto failed = fail(ErrorCode::forbidden, "wrong-setup-code", "This is not the set-up code that the machine shows.");
  failed.error().fields.emplace_back("/code", FieldRule::wrong_setup_code);
  return failed;
}

// Snapshot or Transaction: right code and still nobody there.
template <class Tables>
Result<void> check_code(Tables& tables, std::string const& code) {
  if (TRY(tables.users.count()) > 0) return already_set_up();
  auto const kept = TRY(tables.settings.get(code_setting));
  if (!equal_constant_time(kept.value_or(std::string(64, '-')), sha256_hex(code))) return wrong_code();
  return {};
}

}  // namespace

std::string normalized_setup_code(std::string_view typed) {
  std::string code;
  for (char c : typed) {
    if (c == ' ' || c == '-') continue;
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 32);
    if (c == 'O') c = '0';
    if (c == 'I' || c == 'L') c = '1';
    code += c;
  }
  return code;
}

Result<bool> setup_needed(store::Store& store) {
  return store.read([](store::Snapshot& snapshot) -> Result<bool> { return TRY(snapshot.users.count()) == 0; });
}

Result<std::string> issue_setup_code(Call& call) {
  std::array<unsigned char, code_length> random{};
  fill_random(random);
  std::string code;
  for (unsigned char byte : random) code += alphabet[byte % alphabet.size()];  // 256 is a multiple of 32: no bias
  return call.write([&](store::Transaction& tx) -> Result<std::string> {
    if (TRY(tx.users.count()) > 0) return already_set_up();
    TRY(tx.settings.set(code_setting, sha256_hex(code)));
    return code.substr(0, 4) + "-" + code.substr(4, 4) + "-" + code.substr(8);
  });
}

Result<Entry> set_up(Call& call, Doorkeeper& doorkeeper, FirstUser const& wish, Client const& client) {
  auto const address = address_key(client.address);
  TRY(doorkeeper.set_ups_by_address.admit(address, doorkeeper.clock.steady()));
  auto const code = normalized_setup_code(wish.code);
  TRY(call.read([&](store::Snapshot& snapshot) { return check_code(snapshot, code); }));
  if (auto why = why_not_password(wish.password, wish.name)) return fail_field("/password", *std::move(why));
  auto const hash = TRY(doorkeeper.hasher.hash(wish.password));

  auto entry = TRY(call.write([&](store::Transaction& tx) -> Result<Entry> {
    TRY(check_code(tx, code));
    store::User user;
    user.id = UserId::fresh();
    user.name = wish.name;
    user.email = wish.email;
    user.password_hash = hash;
    user.role = store::UserRole::superadmin;
    user.created_at = tx.now();
    TRY(tx.users.add(user));
    TRY(tx.tenants.add_member(TRY(tx.tenants.house()).id, user.id, store::MemberRole::owner));
    TRY(tx.settings.erase(code_setting));
    TRY(tx.events.add(events::SetUpDone{user.id, user.name}));
    if (wish.language) TRY(keep_default_language(tx, *wish.language));
    auto session = TRY(open_session(tx, user, client));
    return Entry{std::move(user), std::move(session)};
  }));
  doorkeeper.set_ups_by_address.forget(address);
  return entry;
}

}  // namespace berth::accounts
