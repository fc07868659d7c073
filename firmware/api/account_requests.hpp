// What may be said about people and their sessions.
#pragma once

#include <optional>

#include "firmware/base/json.hpp"
#include "firmware/base/language.hpp"

namespace berth::api {

using UserName = Text<1, 64>;

struct SetUp {
  Secret<1, 64> code;  // as the machine printed it; case, blanks and dashes do not matter
  UserName name;
  Secret<1, 256> password;
  std::optional<Text<3, 254>> email;
  std::optional<Language> language;  // of the installation
};
BOOST_DESCRIBE_STRUCT(SetUp, (), (code, name, password, email, language))

struct SetLanguage {
  Language language{};
};
BOOST_DESCRIBE_STRUCT(SetLanguage, (), (language))

struct SignIn {
  UserName name;
  Secret<1, 256> password;
};
BOOST_DESCRIBE_STRUCT(SignIn, (), (name, password))

struct ChangePassword {
  Secret<1, 256> current_password;
  Secret<1, 256> new_password;
};
BOOST_DESCRIBE_STRUCT(ChangePassword, (), (current_password, new_password))

}  // namespace berth::api
