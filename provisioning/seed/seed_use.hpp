// A seed's answers given to the machine, once.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>

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

// Which seed was begun, and whether it was finished: kept among the machine's settings, so that a reset of them forgets it.
struct Mark {
  Text<64, 64> sha256;
  bool finished = false;
};
BOOST_DESCRIBE_STRUCT(Mark, (), (sha256, finished))

enum class Use {
  done,     // now
  used,     // this very seed has done its work before
  too_late  // somebody can sign in: the machine is no longer told by seeds
};

// The administrator first, whom the panel may refuse; then language, name, time, SSH, the serial port's speed and the network, which is kept without a trial.
// After a power cut the same seed goes on where the machine stopped. Errors: those of read_seed() and then nothing was
// changed; the panel's and the engine's.
Result<Use> use_seed(std::string_view text, contract::Machine& machine, People const& people, Files const& files);

// Of what stands in the file. nullopt: no seed was begun. A file that is not understood is none.
std::optional<Mark> read_mark(std::filesystem::path const& file);

}  // namespace berth::seed
