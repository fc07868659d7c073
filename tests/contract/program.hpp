// A program under test, started by its path, spoken to over its socket. Ends with this object.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "tests/support/temporary_folder.hpp"

namespace berth::contract::testing {

using support::TemporaryFolder;

class Program {
 public:
  // argv[0] is looked for beside the running test, then taken as a path. What it says goes to standard error.
  // `variables` ("NAME=VALUE") are added to this test's own environment.
  explicit Program(std::vector<std::string> argv, std::vector<std::string> variables = {});
  ~Program();  // SIGKILL when it still runs
  Program(Program const&) = delete;
  Program& operator=(Program const&) = delete;

  pid_t pid() const { return pid_; }
  bool runs();
  void signal(int number);
  // Its exit code (128 + signal), or -1 when it still runs after 60 s.
  int wait();

 private:
  pid_t pid_ = -1;
  int status_ = 0;
};

// Whether somebody answers on the UNIX socket now.
bool answers(std::string const& path);
// Until somebody answers on the UNIX socket; false after 60 s or when `program` ended before.
bool await_socket(std::string const& path, Program& program);
std::string beside_this_test(std::string const& name);

}  // namespace berth::contract::testing
