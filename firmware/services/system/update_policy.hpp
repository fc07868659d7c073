// When and from where this machine takes its updates.
#pragma once

#include <boost/describe.hpp>
#include <string>

#include "firmware/base/json.hpp"
#include "firmware/services/call.hpp"

namespace berth::services {

enum class Weekday { monday, tuesday, wednesday, thursday, friday, saturday, sunday };
BOOST_DESCRIBE_ENUM(Weekday, monday, tuesday, wednesday, thursday, friday, saturday, sunday)

// On each of these days from that time of day on, in the machine's time zone; may reach into the next day.
struct MaintenanceWindow {
  List<Weekday, 7> weekdays;
  Text<5, 5> from;  // "03:00"
  Number<30, 1440> minutes;
};
BOOST_DESCRIBE_STRUCT(MaintenanceWindow, (), (weekdays, from, minutes))

struct UpdatePolicy {
  Text<0, 500> channel_url;  // a folder behind https; empty: no update is ever looked for outside
  bool automatic = false;    // look every day, install and restart within the window
  MaintenanceWindow window;
};
BOOST_DESCRIBE_STRUCT(UpdatePolicy, (), (channel_url, automatic, window))

// No channel, nothing automatic, and a window that suits most: Sunday, three in the morning, two hours.
UpdatePolicy first_update_policy();

// Pure. Errors: invalid_argument with a JSON pointer a field.
Result<void> check(UpdatePolicy const& policy);
// Pure: whether it is open at that moment in that time zone (IANA name; one that is not known here counts as UTC).
bool is_open(MaintenanceWindow const& window, Moment now, std::string const& time_zone);
// Whether there is such a time zone on this machine.
bool is_time_zone(std::string const& name);

Result<UpdatePolicy> update_policy(store::Snapshot& snapshot);
Result<void> set_update_policy(Call& call, Granted<access::System> const& system, UpdatePolicy const& policy);

// Within its window, at most once a day: asks the channel, and when that has installed something, restarts the machine.
// Does nothing while it is not automatic, or while something is under way with releases.
Result<void> keep_up_to_date(Call& call, Granted<access::System> const& system);

}  // namespace berth::services
