// What the API stands on. Made by app/wiring.cpp; everything in it outlives the dispatcher.
#pragma once

#include <sys/types.h>

#include <string_view>

#include "drivers/contract/engine.hpp"
#include "firmware/api/answer_memo.hpp"
#include "firmware/base/clock.hpp"
#include "firmware/events/event_hub.hpp"
#include "firmware/jobs/machine_files.hpp"
#include "firmware/services/accounts/doorkeeper.hpp"
#include "firmware/services/call.hpp"
#include "firmware/store/store.hpp"

namespace berth::api {

class ConsolePump;

struct Panel {
  store::Store& store;
  Clock const& clock;
  services::Settings const& settings;
  accounts::Doorkeeper& doorkeeper;
  events::EventHub& events;
  contract::Engine& engine;  // for consoles alone: bytes pass through, nothing is changed
  ConsolePump& consoles;
  AnswerMemo& memo;
  jobs::MachineFiles& machine_files;
  uid_t own_uid;  // this user and root are administrators on the local socket
  std::string_view version;
};

}  // namespace berth::api
