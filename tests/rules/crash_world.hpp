// Where the crash tests happen: one engine and one state folder of the panel for all cases of a test program. What one
// case leaves behind, the next one stumbles over.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "drivers/contract/client.hpp"
#include "firmware/store/store.hpp"
#include "tests/contract/program.hpp"

namespace berth::crash {

class CrashWorld {
 public:
  CrashWorld() = default;
  CrashWorld(CrashWorld const&) = delete;
  CrashWorld& operator=(CrashWorld const&) = delete;
  virtual ~CrashWorld() = default;

  virtual std::string socket() const = 0;  // of an engine that answers
  // The images "tiny-vm" and "tiny", and maybe more.
  virtual std::string images() const = 0;
  // What is on the machine because of guests, beyond what the engine itself says: must be the same before a guest's
  // life and after it.
  virtual std::string residue() = 0;

  // Where the panel keeps what it keeps.
  std::filesystem::path state() const { return folder_.path(); }
  // The panel, on its way; and until it ends by itself: its exit code.
  std::unique_ptr<contract::testing::Program> start_panel(std::vector<std::string> const& options);
  int panel(std::vector<std::string> const& options) { return start_panel(options)->wait(); }
  std::unique_ptr<store::Store> store();
  contract::Engine& engine();

 private:
  contract::testing::TemporaryFolder folder_;
  std::unique_ptr<contract::EngineClient> engine_;
};

// The one of this program, with its images imported. Each program brings its own `make_world`, and says which jobs it
// tries.
CrashWorld& world();
std::unique_ptr<CrashWorld> make_world();
bool tries(std::string_view job_type);

std::string image_of(store::ServerKind kind);

// What a test sees after the panel came to rest.
struct Findings {
  std::vector<store::Server> servers;
  std::vector<store::Job> jobs;  // newest first
  std::vector<store::Event> events;
  std::uint64_t addresses = 0;
  std::vector<contract::GuestStatus> guests;
};
Findings look();

// A point of a job ("server.create:3:undo-before", jobs::FaultPlan): its job's type; whether it lies on the way back; and
// as one word.
std::string type_of(std::string const& point);
bool undoes(std::string const& point);
std::string word_of(std::string point, char between);

// Starts the panel with this act, which kills it at the point (after its last step failed, for a point on the way back),
// and then again without any. A failure of the running test when it does not die there or does not come to rest.
void crash_and_come_back(std::vector<std::string> act, std::string const& point);

// Takes the machine as it is without any guest for what expect_machine_is_empty compares with; only the first call does.
void remember_empty_machine();
// A failure of the running test while the engine or the machine has anything of a guest. Waits for what goes by itself a
// moment later.
void expect_machine_is_empty();
// And none of a server in the database, these addresses apart.
void expect_nothing_left(std::uint64_t addresses_before);

}  // namespace berth::crash
