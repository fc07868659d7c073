#pragma once

#include "drivers/contract/types.hpp"

namespace berth::kvm::test {

inline contract::GuestSpec example_spec() {
  contract::GuestSpec spec;
  spec.guest = *contract::GuestId::parse("0198f3c4-5a6b-7c8d-9e0f-112233445566");
  spec.image = *contract::ImageName::parse("debian-13");
  spec.hostname = *contract::Hostname::parse("web-1");
  spec.vcpus.value = 3;
  spec.memory_bytes.value = 768LL << 20;
  spec.disk_bytes.value = 10LL << 30;
  spec.nic.mac = *contract::MacAddress::parse("52:54:00:12:34:56");
  spec.nic.address = *contract::Ipv4::parse("192.0.2.5");
  spec.nic.prefix.value = 24;
  spec.nic.gateway = *contract::Ipv4::parse("192.0.2.1");
  return spec;
}

}  // namespace berth::kvm::test
