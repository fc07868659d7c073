// How the machine itself is shown, in the chosen format.
#pragma once

#include "firmware/cli/commands.hpp"

namespace berth::cli {

void show_machine(Session const& session, json::object const& machine);
void show_network(Session const& session, json::object const& machine);
void show_updates(Session const& session, json::object const& machine);

}  // namespace berth::cli
