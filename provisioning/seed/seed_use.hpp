// A seed's answers given to the machine, once.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "drivers/contract/machine.hpp"
#include "provisioning/seed/seed.hpp"

namespace berth::seed {

// The panel, which knows the people.
struct People {
  std::function<Result<bool>()> nobody_yet;
  std::function<Result<void>(Administrator const&)> make_administrator;
  std::function<Result<void>(Language)> speak;
};

// What it keeps itself, among the machine's settings.
struct Files {
  std::filesystem::path mark = "/etc/berth/seed.json";
  // A number and a line feed; a change is noticed (berth-settings.path) and holds from the next start on.
  std::filesystem::path serial_speed = "/etc/berth/serial-speed";
};

// Which seed was begun, and how far it came: kept among the machine's settings, so that a reset of them forgets it.
struct Mark {
  Text<64, 64> sha256;
  bool finished = false;
  // It asked the panel for the administrator and was not refused. Without that, somebody who can sign in is not of its making.
  bool administrator = false;
};
BOOST_DESCRIBE_STRUCT(Mark, (), (sha256, finished, administrator))

// How far a seed that failed came.
struct Progress {
  std::vector<std::string> holds;  // the steps that were taken
  std::string failed;              // the one that was not; empty: it came to none
  bool ended = false;              // that one never will be: the seed is not tried again
};

enum class Use {
  done,     // now
  used,     // this very seed has done its work before
  too_late  // somebody can sign in: the machine is no longer told by seeds
};

// The administrator first, whom the panel may refuse; then language, name, time, SSH, the serial port's speed and the network, which is kept without a trial.
// After a power cut the same seed goes on where the machine stopped, unless somebody else set the machine up meanwhile. A step
// that is refused for good ends it. Errors: those of read_seed() and then nothing was changed; the panel's and the engine's,
// and `progress` says how far it came.
Result<Use> use_seed(std::string_view text, contract::Machine& machine, People const& people, Files const& files,
                     Progress& progress);
// The panel or the engine is only starting: asking again is worth it.
bool may_answer_later(Error const& error);
// Whoever waits no longer for the panel's answer: the next start begins anew, and finds nothing begun by this seed.
void give_up(Files const& files, Progress const& progress);
// Why a seed was not done, what of it holds, and what comes: a line each. No value of a seed is in it.
std::string why_not_done(Progress const& progress, Error const& error);

// Of what stands in the file. nullopt: no seed was begun. A file that is not understood is none.
std::optional<Mark> read_mark(std::filesystem::path const& file);

}  // namespace berth::seed
