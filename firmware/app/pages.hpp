// The web pages that are built into the program.
#pragma once

#include "firmware/api/dispatcher.hpp"

namespace berth::app {

// What answers every request that is not the API's.
api::Pages pages();

}  // namespace berth::app
