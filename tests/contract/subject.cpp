#include "tests/contract/subject.hpp"

#include <fcntl.h>
#include <sys/mman.h>

#include <format>
#include <stdexcept>

namespace berth::contract::testing {

GuestId guest_id(unsigned number) {
  return made<GuestId>(std::format("0190f3c4-0000-7000-8000-be27{:08x}", number));
}

NetworkSpec test_network() {
  return {made<Ipv4>("10.73.0.1"), {24}, false};
}

NicSpec test_nic(unsigned number) {
  NicSpec nic;
  nic.mac = made<MacAddress>(std::format("52:54:00:be:27:{:02x}", number));
  nic.address = made<Ipv4>(std::format("10.73.0.{}", 10 + number));
  nic.prefix = {24};
  nic.gateway = made<Ipv4>("10.73.0.1");
  nic.dns.items.push_back(made<Ipv4>("10.73.0.1"));
  return nic;
}

Descriptor file_of(std::string_view bytes) {
  Descriptor file(::memfd_create("berth-test", MFD_CLOEXEC));
  if (::write(file.get(), bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size()))
    throw std::runtime_error("memfd");
  return file;
}

Descriptor open_file(std::string const& path) {
  Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.valid()) throw std::runtime_error("cannot open " + path);
  return file;
}

}  // namespace berth::contract::testing
