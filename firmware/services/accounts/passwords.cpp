#include "firmware/services/accounts/passwords.hpp"

#include <sodium.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <set>
namespace berth::accounts {
namespace {

constexpr unsigned long long passes = 2;
constexpr std::size_t memory_bytes = 19u * 1024u * 1024u;
constexpr std::chrono::seconds patience{5};

class Slot {
 public:
  explicit Slot(std::counting_semaphore<2>& slots) : slots_(slots), taken_(slots.try_acquire_for(patience)) {}
  Slot(Slot const&) = delete;
  Slot& operator=(Slot const&) = delete;
  ~Slot() {
    if (taken_) slots_.release();
  }
  bool taken() const { return taken_; }

 private:
  std::counting_semaphore<2>& slots_;
  bool taken_;
};

std::unexpected<Error> too_busy() {
  auto failed = fail(ErrorCode::unavailable, "too-busy", "Too many sign-ins at once. Try again in a few seconds.");
  failed.error().retry_after_s = 5;
  return failed;
}

std::string make_hash(std::string_view password) {
  std::array<char, crypto_pwhash_STRBYTES> out{};
  if (crypto_pwhash_str_alg(out.data(), password.data(), password.size(), passes, memory_bytes,
                            crypto_pwhash_ALG_ARGON2ID13) != 0)
    return {};  // out of memory
  return out.data();
}

std::string folded(std::string_view text) {
  std::string out;
  for (char c : text)
    if (c != ' ') out += c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  return out;
}

// What stands first in every list of leaked passwords and is long enough for our minimum, without its trailing digits.
constexpr std::array well_known{"password",
                                "passwort",
                                "qwertyuiop",
                                "qwertzuiop",
                                "letmeinplease",
                                "iloveyou",
                                "administrator",
                                "adminadmin",
                                "changeme",
                                "welcome",
                                "trustnoone",
                                "abcdefghij",
                                "correcthorsebatterystaple",
                                "1q2w3e4r5t",
                                "q1w2e3r4t5",
                                "asdfghjkl",
                                "berthberth",
                                "superadmin"};

std::string without_trailing_marks(std::string text) {
  while (!text.empty() &&
         ((text.back() >= '0' && text.back() <= '9') || text.back() == '!' || text.back() == '.' || text.back() == '?'))
    text.pop_back();
  return text;
}

bool is_sequence(std::string_view text) {
  auto const steps = [&](int step) {
    return std::ranges::adjacent_find(text, [&](char a, char b) { return b - a != step; }) == text.end();
  };
  return steps(1) || steps(-1);
}

}  // namespace

Result<std::string> PasswordHasher::hash(std::string_view password) {
  Slot slot(slots_);
  if (!slot.taken()) return too_busy();
  auto phc = make_hash(password);
  if (phc.empty()) return too_busy();
  return phc;
}

Result<bool> PasswordHasher::verify(std::string const& phc, std::string_view password) {
  Slot slot(slots_);
  if (!slot.taken()) return too_busy();
  auto const* against = phc.empty() ? decoy_hash : phc.c_str();
  bool const same = crypto_pwhash_str_verify(against, password.data(), password.size()) == 0;
  return same && !phc.empty();
}

std::optional<Complaint> why_not_password(std::string_view password, std::string_view name) {
  if (password.size() < password_bytes_min) return Complaint(FieldRule::too_short, {.min = password_bytes_min});
  auto const plain = folded(password);
  if (std::set<char>(plain.begin(), plain.end()).size() < 4) return FieldRule::password_few_characters;
  if (is_sequence(plain)) return FieldRule::password_sequence;
  auto const owner = folded(name);
  if (owner.size() >= 3 && plain.find(owner) != std::string::npos && plain.size() < owner.size() + password_bytes_min)
    return FieldRule::password_like_name;
  auto const stem = without_trailing_marks(plain);
  if (stem.empty()) return FieldRule::password_digits_only;
  if (std::ranges::find(well_known, stem) != well_known.end() ||
      std::ranges::find(well_known, plain) != well_known.end())
    return FieldRule::password_well_known;
  return std::nullopt;
}

}  // namespace berth::accounts
