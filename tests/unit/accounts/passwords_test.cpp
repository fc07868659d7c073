#include "firmware/services/accounts/passwords.hpp"

#include <gtest/gtest.h>
#include <sodium.h>

#include <thread>
#include <vector>

namespace berth::accounts {
namespace {

TEST(Passwords, a_hash_is_argon2id_with_the_agreed_cost_and_knows_its_password) {
  PasswordHasher hasher;
  auto const phc = hasher.hash("a quiet harbour at night");
  ASSERT_TRUE(phc);
  EXPECT_TRUE(phc->starts_with("$argon2id$v=19$m=19456,t=2,p=1$")) << *phc;
  EXPECT_TRUE(hasher.verify(*phc, "a quiet harbour at night").value());
  EXPECT_FALSE(hasher.verify(*phc, "a quiet harbour at nighT").value());
  EXPECT_FALSE(hasher.verify(*phc, "").value());
  EXPECT_NE(hasher.hash("a quiet harbour at night").value(), *phc) << "salted";
}

TEST(Passwords, nobody_is_never_right) {
  PasswordHasher hasher;
  EXPECT_FALSE(hasher.verify("", "").value());
  EXPECT_FALSE(hasher.verify("", "anything").value());
  EXPECT_FALSE(hasher.verify("not a hash", "anything").value());
}

TEST(Passwords, the_decoy_costs_what_a_real_hash_costs) {
  EXPECT_EQ(crypto_pwhash_str_needs_rehash(decoy_hash, 2, std::size_t{19} << 20), 0)
      << "well-formed, with our parameters";
}

TEST(Passwords, many_at_once_all_get_an_answer) {
  PasswordHasher hasher;
  auto const phc = hasher.hash("a quiet harbour at night").value();
  std::vector<std::thread> threads;
  std::atomic<int> right = 0;
  for (int i = 0; i < 6; ++i)
    threads.emplace_back([&] {
      if (hasher.verify(phc, "a quiet harbour at night") == true) ++right;
    });
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(right, 6);
}

TEST(PasswordRule, accepts_what_is_long_and_not_well_known) {
  for (auto const* password : {"a quiet harbour at night", "kX9#mQ2$vL", "hafen-kran-möwe-tau", "0123abc456def789"})
    EXPECT_FALSE(why_not_password(password, "maria")) << password;
}

TEST(PasswordRule, refuses_with_a_reason) {
  struct Case {
    std::string_view password, name, reason;
  };
  for (auto const& c :
       {Case{"short", "maria", "must have at least 10 characters"},
        Case{"aaaaaaaaaaaa", "maria", "must not repeat the same few characters"},
        Case{"abababababab", "maria", "must not repeat the same few characters"},
        Case{"abcdefghijkl", "maria", "must not be a row of neighbouring characters"},
        Case{"Maria123456", "maria", "must not be the user's name with a little added"},
        Case{"4815162342", "maria", "must not consist of digits only"},
        Case{"Password2024!", "maria", "is one of the passwords that everybody tries first"},
        Case{"correct horse battery staple", "maria", "is one of the passwords that everybody tries first"}})
    EXPECT_EQ(why_not_password(c.password, c.name).value_or(Complaint("")).message, c.reason) << c.password;
}

}  // namespace
}  // namespace berth::accounts
