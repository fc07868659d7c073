// A guest as libvirt's domain XML (https://libvirt.org/formatdomain.html), written and read through libxml2's tree
// only.
#pragma once

#include <filesystem>
#include <string>

#include "drivers/contract/driver.hpp"

namespace berth::kvm {

enum class DiskCache {
  none,       // QEMU opens the image with O_DIRECT: no second copy of every page in the host's memory
  writeback,  // for a state directory on a file system without O_DIRECT; flushes are honoured all the same
};

struct DomainPlan {
  contract::GuestSpec spec;
  contract::Accelerator accelerator = contract::Accelerator::tcg;
  std::filesystem::path disk;  // qcow2
  DiskCache cache = DiskCache::none;
  std::filesystem::path seed;           // ISO9660
  std::filesystem::path serial_socket;  // libvirtd binds it
};

inline constexpr char domain_prefix[] = "berth-";
inline constexpr char metadata_namespace[] = "urn:berth:guest:1";

std::string domain_name(contract::GuestId const& guest);
// The wish that a definition stands for, as a digest: the same wish again needs no change.
std::string wish_digest(contract::GuestSpec const& spec);

// Errors: internal (libxml2).
Result<std::string> domain_xml(DomainPlan const& plan);
// The digest that domain_xml() put into the metadata element; empty when it has none. Errors: corrupt (not XML).
Result<std::string> digest_in_metadata(std::string const& metadata_xml);

}  // namespace berth::kvm
