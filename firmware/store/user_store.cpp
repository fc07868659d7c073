#include "firmware/store/user_store.hpp"

#include "firmware/store/query.hpp"
#include "firmware/store/rows.hpp"

namespace berth::store {
namespace {

User read(Query& q) {
  User user;
  user.id = q.id<UserId>();
  user.name = q.text();
  user.email = q.optional(&Query::text);
  user.password_hash = q.text();
  user.role = q.choice<UserRole>();
  user.disabled = q.boolean();
  user.created_at = q.moment();
  return user;
}

}  // namespace

Result<User> UserStore::get(UserId const& id) const {
  Query q(*scope_, "SELECT id, name, email, password_hash, role, disabled, created_ms FROM users WHERE id = ?");
  q << id;
  if (!TRY(q.step())) return no_such("user");
  return read(q);
}

Result<User> UserStore::find_by_name(std::string_view name) const {
  Query q(*scope_, "SELECT id, name, email, password_hash, role, disabled, created_ms FROM users WHERE name = ?");
  q << name;
  if (!TRY(q.step())) return no_such("user");
  return read(q);
}

Result<std::vector<User>> UserStore::all() const {
  Query q(*scope_, "SELECT id, name, email, password_hash, role, disabled, created_ms FROM users ORDER BY id");
  std::vector<User> users;
  while (TRY(q.step())) users.push_back(read(q));
  return users;
}

Result<std::int64_t> UserStore::count() const {
  Query q(*scope_, "SELECT count(*) FROM users");
  TRY(q.step());
  return q.integer();
}

Result<void> UserStore::add(User const& user) {
  Query q(
      *scope_,
      "INSERT INTO users (id, name, email, password_hash, role, disabled, created_ms) VALUES (?, ?, ?, ?, ?, ?, ?)");
  q << user.id << user.name << user.email << user.password_hash << user.role << user.disabled << user.created_at;
  if (auto done = q.run(); !done)
    return std::unexpected(
        named_conflict(std::move(done).error(), "user-name-taken", "There is a user of that name already."));
  return {};
}

Result<void> UserStore::set_password(UserId const& id, std::string_view password_hash) {
  Query q(*scope_, "UPDATE users SET password_hash = ? WHERE id = ?");
  q << password_hash << id;
  TRY(q.run());
  return {};
}

Result<void> UserStore::set_disabled(UserId const& id, bool disabled) {
  Query q(*scope_, "UPDATE users SET disabled = ? WHERE id = ?");
  q << disabled << id;
  TRY(q.run());
  return {};
}

}  // namespace berth::store
