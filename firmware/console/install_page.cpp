#include "firmware/console/install_page.hpp"

#include <format>

#include "firmware/base/files.hpp"
#include "firmware/console/console.hpp"
#include "firmware/console/install_progress.hpp"

namespace berth::console {
namespace {

constexpr std::chrono::seconds seed_delay{10};
constexpr int percents_told = 25;

enum class Outcome { again, left };

std::string in_words(contract::InstallDisk const& disk) {
  auto words = std::format("{}, {:.1f} GB", disk.name.str(), static_cast<double>(disk.bytes.value) / 1e9);
  if (!disk.model.empty()) words += ", " + disk.model.str();
  if (!disk.serial.empty()) words += ", serial " + disk.serial.str();
  words += "; holds " + disk.holds.str();
  if (!disk.refused.empty()) words += "; cannot be used: " + disk.refused.str();
  return words;
}

std::string_view in_words(contract::InstallStep step) {
  switch (step) {
    case contract::InstallStep::check_medium:
      return "Checking the medium";
    case contract::InstallStep::write:
      return "Writing";
    case contract::InstallStep::verify:
      return "Reading back and comparing";
    case contract::InstallStep::make_mirror:
      return "Making the mirror";
    case contract::InstallStep::finish:
      return "Making it start from there";
    case contract::InstallStep::done:
      return "Done";
  }
  return "";
}

// A slow serial line is not to be the slowest part: few lines.
class Telling {
 public:
  explicit Telling(std::function<void(std::string_view)> tell) : tell_(std::move(tell)) {}
  void operator()(contract::InstallReport const& report) {
    auto const quarter = static_cast<int>(report.percent.value) / percents_told;
    if (report.failure || (step_ == report.step && quarter == quarter_)) return;
    step_ = report.step;
    quarter_ = quarter;
    bool const measured = report.step < contract::InstallStep::make_mirror;
    tell_(measured ? std::format("{}: {} %", in_words(report.step), report.percent.value)
                   : std::string(in_words(report.step)));
  }

 private:
  std::function<void(std::string_view)> tell_;
  std::optional<contract::InstallStep> step_;
  int quarter_ = -1;
};

std::string names_of(contract::InstallWish const& wish) {
  std::string names;
  for (auto const& disk : wish.disks) names += (names.empty() ? "" : " and ") + disk.str();
  return names;
}

// Nothing of it is lost by accident: a disk that is not empty is named by who wants it erased.
bool confirmed(Dialogue& dialogue, contract::InstallDisk const& disk, contract::InstallWish& wish) {
  if (disk.empty) return true;
  dialogue.say(std::format("{} is not empty, it holds {}. ALL OF IT WILL BE GONE.", disk.name.str(), disk.holds.str()));
  auto const either = disk.serial.empty() ? "" : " or its serial number";
  auto const typed = dialogue.ask(std::format("To erase it, type its name{} ({})", either, disk.name.str()));
  if (!typed) return false;
  auto name = contract::DiskName::parse(*typed);
  if (!name || (*typed != disk.name.str() && (disk.serial.empty() || *typed != disk.serial.str()))) {
    dialogue.say("That is not its name. Nothing was changed.");
    return false;
  }
  wish.confirmed.items.push_back(*std::move(name));
  return true;
}

std::optional<contract::InstallDisk> choose_disk(Dialogue& dialogue, contract::InstallOffer const& offer,
                                                 contract::InstallWish const& wish) {
  std::vector<std::string> rows;
  for (auto const& disk : offer.disks) rows.push_back(in_words(disk));
  dialogue.say(wish.disks.empty() ? "Which disk?" : "Which second disk?");
  while (auto const chosen = dialogue.choose(rows)) {
    auto const& disk = offer.disks.items[chosen - 1];
    bool const taken = !wish.disks.empty() && wish.disks.items.front() == disk.name;
    if (disk.refused.empty() && !taken) return disk;
    dialogue.say(taken ? "That is the first one already."
                       : std::format("{} cannot be used: {}.", disk.name.str(), disk.refused.str()));
  }
  return std::nullopt;
}

// nullopt: the person went back.
std::optional<contract::InstallWish> ask_wish(Dialogue& dialogue, contract::InstallOffer const& offer,
                                              std::size_t disks) {
  contract::InstallWish wish;
  while (wish.disks.size() < disks) {
    auto const disk = choose_disk(dialogue, offer, wish);
    if (!disk || !confirmed(dialogue, *disk, wish)) return std::nullopt;
    wish.disks.items.push_back(disk->name);
  }
  if (!dialogue.sure(std::format("Write Berth to {} now?", names_of(wish)))) return std::nullopt;
  return wish;
}

std::filesystem::path stopped_mark(InstallParts const& parts) {
  return parts.state / "stopped";
}

// One terminal installs, and all of them say how far it is.
Result<void> install(InstallParts const& parts, contract::InstallWish const& wish) {
  auto const say = [&](std::string_view line) { parts.dialogue.say(line); };
  TRY(ensure_directory(parts.state, 0700));
  auto const shared = parts.state / "progress";
  auto progress = TRY(InstallProgress::begin(shared));
  if (!progress) {
    say("Another terminal of this machine installs already:");
    TRY(follow_install(shared, say));
    return fail(ErrorCode::conflict, "busy", "the installation at the other terminal has ended");
  }
  auto const tell = [&](std::string_view line) {
    progress->add(line);
    say(line);
  };
  TRY(parts.installer.install(wish, Telling(tell)));
  tell(std::format("Berth is on {}. All of it was read back and is what it should be.", names_of(wish)));
  return {};
}

Result<void> stop_seed(InstallParts const& parts) {
  TRY(ensure_directory(parts.state, 0700));
  return replace_volatile_file(stopped_mark(parts), "", 0600);
}

bool was_stopped(InstallParts const& parts) {
  std::error_code error;
  if (!std::filesystem::exists(stopped_mark(parts), error)) return false;
  parts.dialogue.say("The seed was stopped at a terminal of this machine.");
  return true;
}

// What the seed wants is done unless somebody is there who does not want it, at this terminal or at the other one.
Result<Outcome> follow_seed(InstallParts const& parts, contract::SeededInstall const& seeded) {
  auto& dialogue = parts.dialogue;
  if (was_stopped(parts)) return Outcome::again;
  dialogue.say(std::format("The seed asks for Berth on {}, without questions.", names_of(seeded.wish)));
  if (dialogue.ask_within(std::format("Enter within {} seconds stops that", seed_delay.count()), seed_delay)) {
    TRY(stop_seed(parts));
    dialogue.say("Stopped, for every terminal of this machine.");
    return Outcome::again;
  }
  if (dialogue.closed()) return Outcome::left;
  if (was_stopped(parts)) return Outcome::again;
  TRY(install(parts, seeded.wish));
  TRY(parts.leave(seeded.then));
  return Outcome::left;
}

Result<Outcome> ask_and_install(InstallParts const& parts) {
  auto& dialogue = parts.dialogue;
  auto const offer = TRY(parts.installer.offer());
  dialogue.title("Install Berth " + offer.version.str());
  dialogue.say(std::format("This medium installs Berth {} ({}) on a disk of this machine. It needs {:.1f} GB.",
                           offer.version.str(), offer.board.str(), static_cast<double>(offer.bytes_min.value) / 1e9));
  dialogue.say(offer.disks.empty() ? "There is no other disk in this machine." : "The disks of this machine:");
  for (auto const& disk : offer.disks) dialogue.say("  " + in_words(disk));
  dialogue.say("");
  auto const act =
      dialogue.choose({"Install on one disk", "Install on two disks that hold the same (a mirror)", "Power off"},
                      "Look for disks again");
  if (act == 0) return Outcome::again;
  if (act == 3) {
    TRY(parts.leave(contract::AfterInstall::power_off));
    return Outcome::left;
  }
  auto const wish = ask_wish(dialogue, offer, act);
  if (!wish) return Outcome::again;
  TRY(install(parts, *wish));
  dialogue.say("Remove the medium. After that this machine restarts.");
  dialogue.wait_for_enter();
  if (dialogue.closed()) return Outcome::left;
  TRY(parts.leave(contract::AfterInstall::restart));
  return Outcome::left;
}

}  // namespace

void run_installer(InstallParts const& parts) {
  auto& dialogue = parts.dialogue;
  auto outcome = Result<Outcome>(Outcome::again);
  if (auto const seeded = parts.installer.seeded(); !seeded) {
    dialogue.say("The seed cannot be followed:");
    tell(dialogue, seeded.error());
  } else if (*seeded) {
    outcome = follow_seed(parts, **seeded);
  }
  while (!dialogue.closed() && (!outcome || *outcome == Outcome::again)) {
    if (!outcome) {
      tell(dialogue, outcome.error());
      dialogue.wait_for_enter();
    }
    outcome = ask_and_install(parts);
  }
}

}  // namespace berth::console
