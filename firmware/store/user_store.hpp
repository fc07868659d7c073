// People who sign in.
#pragma once

#include <boost/describe.hpp>
#include <optional>
#include <string>
#include <vector>

#include "firmware/base/clock.hpp"
#include "firmware/base/ids.hpp"
#include "firmware/base/result.hpp"
#include "firmware/store/transaction_scope.hpp"

namespace berth::store {

enum class UserRole { superadmin, member };
BOOST_DESCRIBE_ENUM(UserRole, superadmin, member)

struct User {
  UserId id;
  std::string name;  // unique without regard to ASCII case
  std::optional<std::string> email;
  std::string password_hash;  // Argon2id, encoded
  UserRole role = UserRole::member;
  Moment created_at;
  bool disabled = false;
};

class UserStore {
 public:
  explicit UserStore(TransactionScope& scope) : scope_(&scope) {}
  Result<User> get(UserId const& id) const;                // Errors: not_found
  Result<User> find_by_name(std::string_view name) const;  // Errors: not_found
  Result<std::vector<User>> all() const;
  Result<std::int64_t> count() const;

  Result<void> add(User const& user);  // Errors: conflict ("user-name-taken")
  Result<void> set_password(UserId const& id, std::string_view password_hash);
  Result<void> set_disabled(UserId const& id, bool disabled);

 private:
  TransactionScope* scope_;
};

}  // namespace berth::store
