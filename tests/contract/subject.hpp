// An engine under the contract's test: how it is had, what images it is fed, how it is restarted.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "drivers/contract/engine.hpp"

namespace berth::contract::testing {

struct TestImage {
  ImportImage wish;
  std::string path;
  std::int64_t disk_bytes;  // a disk that holds it
};

class Subject {
 public:
  virtual ~Subject() = default;
  virtual Engine& engine() = 0;
  virtual TestImage const& image(GuestKind kind) = 0;
  // The engine ends and comes back under its guests. False: this one has no life of its own to end.
  virtual bool restart() { return false; }
  // Whether what is inside an image's file is looked at.
  virtual bool inspects_images() const { return false; }
  // Memory that a guest needs to come up, and how long that may take.
  virtual std::int64_t guest_memory() const { return std::int64_t{64} * 1024 * 1024; }
  // A running guest that ends by itself and not well. False: nobody can make it.
  virtual bool crash(GuestId const&) { return false; }
};

struct SubjectMaker {
  std::string name;
  std::function<std::unique_ptr<Subject>()> make;
};

inline std::ostream& operator<<(std::ostream& out, SubjectMaker const& maker) {
  return out << maker.name;
}

template <class T>
T made(std::string_view text) {
  auto parsed = T::parse(text);
  if (!parsed) throw std::logic_error("a test's own value is bad: " + std::string(text));
  return *std::move(parsed);
}

GuestId guest_id(unsigned number);
NetworkSpec test_network();
NicSpec test_nic(unsigned number);
// A file of these bytes, read-only, that no name leads to.
Descriptor file_of(std::string_view bytes);
Descriptor open_file(std::string const& path);

}  // namespace berth::contract::testing
