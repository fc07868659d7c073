#pragma once

namespace berth::app {

inline constexpr char version[] = BERTH_VERSION;  // of CMakeLists.txt

}  // namespace berth::app
