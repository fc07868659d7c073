// The panel, put together. wiring.cpp is the only file of the panel that names concrete parts.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "firmware/app/options.hpp"

namespace berth::app {

class Application {
 public:
  // Opens the database, makes what a first start needs, resumes jobs and begins to answer. Errors: those of the parts.
  static Result<std::unique_ptr<Application>> start(Options const& options);
  ~Application();  // stop()

  // What a person needs for the first visit; machine-readable as "name: value".
  struct Greeting {
    std::string url;
    std::string fingerprint;
    std::optional<std::string> setup_code;  // only while nobody can sign in
  };
  Greeting const& greeting() const;

  // Whether it can do its work: the database answers. For the watchdog.
  bool healthy() const;
  // Reads the certificate again.
  Result<void> reload();
  // Ends streams and consoles, lets requests and steps under way finish. Idempotent.
  void stop();

  struct Parts;
  explicit Application(std::unique_ptr<Parts> parts);

 private:
  std::unique_ptr<Parts> parts_;
};

// Of the database, for an older release; another process may have it open.
void forget_copies(Options const& options);

}  // namespace berth::app
