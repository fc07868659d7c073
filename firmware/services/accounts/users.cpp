#include "firmware/services/accounts/users.hpp"

namespace berth::accounts {

Result<std::vector<store::User>> list_users(services::Call& call, services::Granted<access::System> const&) {
  return call.read([](store::Snapshot& snapshot) { return snapshot.users.all(); });
}

}  // namespace berth::accounts
