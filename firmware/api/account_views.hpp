// People and their sessions as they are shown.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "firmware/base/json.hpp"
#include "firmware/base/language.hpp"
#include "firmware/store/user_store.hpp"

namespace berth::api::view {

using store::UserRole;

struct User {
  UserId id;
  std::string name;
  std::optional<std::string> email;
  UserRole role = UserRole::member;
  Moment created_at;
};
BOOST_DESCRIBE_STRUCT(User, (), (id, name, email, role, created_at))

User of(store::User const& user);

struct UserList {
  std::vector<User> items;
};
BOOST_DESCRIBE_STRUCT(UserList, (), (items))

struct Session {
  SessionId id;
  Moment created_at;
  Moment last_seen_at;
  std::string address;
  std::string user_agent;
  bool current = false;
};
BOOST_DESCRIBE_STRUCT(Session, (), (id, created_at, last_seen_at, address, user_agent, current))

struct SessionList {
  std::vector<Session> items;
};
BOOST_DESCRIBE_STRUCT(SessionList, (), (items))

// The answer to set-up and sign-in; the session itself travels in the cookie.
struct SignedIn {
  User user;
  std::string csrf_token;  // to be sent as X-Berth-CSRF with every request that changes something
};
BOOST_DESCRIBE_STRUCT(SignedIn, (), (user, csrf_token))

struct Me {
  User user;
  std::string csrf_token;  // empty over the local socket, which needs none
  std::vector<std::string> permissions;
};
BOOST_DESCRIBE_STRUCT(Me, (), (user, csrf_token, permissions))

struct SetupState {
  bool needed = false;
  std::string product;
  std::string version;
  std::optional<Language> language;  // of the installation; none: nobody said
};
BOOST_DESCRIBE_STRUCT(SetupState, (), (needed, product, version, language))

// A secret that a person hands over: shown once.
struct PasswordReset {
  std::string password;
};
BOOST_DESCRIBE_STRUCT(PasswordReset, (), (password))

struct SetupCode {
  std::string code;
};
BOOST_DESCRIBE_STRUCT(SetupCode, (), (code))

}  // namespace berth::api::view
