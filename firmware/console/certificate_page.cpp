#include <unistd.h>

#include <cerrno>

#include "firmware/console/console.hpp"
#include "firmware/http/certificate.hpp"

namespace berth::console {
namespace {

constexpr int looks_max = 60;
constexpr std::chrono::seconds look_again{2};

Result<void> remove_if_there(std::filesystem::path const& path) {
  if (::unlink(path.c_str()) != 0 && errno != ENOENT) return fail_errno(errno, "removing " + path.string());
  return {};
}

}  // namespace

// The panel makes itself one when it starts without: that works when the one it has is what keeps it from starting.
Result<void> certificate_page(Parts const& parts) {
  auto& dialogue = parts.dialogue;
  dialogue.title("Certificate");
  auto const& file = parts.files.certificate;
  auto const before = http::certificate_fingerprint(file);
  if (before)
    dialogue.facts({fingerprint_row(*before)});
  else
    dialogue.say("There is none that could be read.");
  dialogue.say(
      "A new one is signed by the machine itself; browsers ask about it once. The panel restarts; guests go on. One "
      "that was put there by hand is lost.");
  if (!dialogue.sure("Make a new certificate?")) return {};
  TRY(remove_if_there(file));
  TRY(remove_if_there(std::filesystem::path(file).replace_extension(".key")));
  TRY(restart_panel(parts));
  dialogue.say("The panel starts again. Enter stops waiting.");
  for (int i = 0; i < looks_max && !dialogue.closed(); ++i) {
    auto const now = http::certificate_fingerprint(file);
    if (now && (!before || *now != *before)) {
      dialogue.facts({fingerprint_row(*now)});
      return {};
    }
    if (dialogue.enter_within(look_again)) return {};
  }
  return fail(ErrorCode::timed_out, "no-certificate", "The panel has made none yet. Its log says why.");
}

}  // namespace berth::console
