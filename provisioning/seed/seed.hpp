// What a machine is told before anybody has seen it: the answers of the first set-up, in one JSON document. README.md says
// how they reach it. Pure: reading a seed changes nothing.
#pragma once

#include <optional>
#include <string_view>

#include "drivers/contract/installer_types.hpp"
#include "drivers/contract/machine_types.hpp"
#include "firmware/base/json.hpp"
#include "firmware/base/language.hpp"

namespace berth::seed {

inline constexpr std::size_t seed_bytes_max = std::size_t{64} << 10;

// The panel's own rules are asked when it is made: whoever it refuses is no administrator, and nothing else is changed then.
struct Administrator {
  Text<1, 64> name;
  Secret<10, 256> password;
};
BOOST_DESCRIBE_STRUCT(Administrator, (), (name, password))

// Of usr/lib/berth/appliance/serial-speed, which hands the setting to the boot loader.
inline constexpr std::int64_t serial_speeds[] = {9600, 19200, 38400, 57600, 115200};

// What is absent stays as it is.
struct Seed {
  std::optional<Language> language;  // of the panel
  std::optional<contract::Hostname> hostname;
  std::optional<contract::TimeSettings> time;
  std::optional<contract::NetworkSettings> network;
  std::optional<contract::SshSettings> ssh;
  std::optional<Number<9600, 115200>> serial_speed;  // one of serial_speeds
  std::optional<Administrator> administrator;
  std::optional<contract::InstallSeed>
      install;  // what a medium that installs does; nothing to a machine that is installed
};
BOOST_DESCRIBE_STRUCT(Seed, (), (language, hostname, time, network, ssh, serial_speed, administrator, install))

// A field that has a default may be left out; one that is unknown may not be there. Errors: invalid_argument with a JSON
// pointer for every bad field, too_large.
Result<Seed> read_seed(std::string_view text);

// JSON Schema 2020-12 of what read_seed() takes.
json::object schema();

// Puts in what was left out and has a default.
void fill_in(json::value& seed);

}  // namespace berth::seed
