// First-boot answers for a VM: cloud-init's NoCloud data source
// (https://cloudinit.readthedocs.io/en/latest/reference/datasources/nocloud.html), as an ISO9660 disk labelled "CIDATA"
// (ISO9660 knows capitals only; "cidata" in its Joliet half; cloud-init takes either).
#pragma once

#include <filesystem>
#include <string>

#include "drivers/contract/types.hpp"

namespace berth::kvm {

// Each is JSON, which is YAML as well, behind "#cloud-config" where cloud-init wants that line.
struct SeedDocuments {
  std::string meta_data;
  std::string user_data;  // a MIME multipart (RFC 2046) of ours and the customer's when there is one
  std::string vendor_data;
  std::string network_config;  // version 2: the address is static, the interface found by its MAC and named eth0
};

// The password and the keys are the image's default user's. Errors: invalid_argument (a password hash that cloud-init
// would take for the password itself).
Result<SeedDocuments> seed_documents(contract::GuestSpec const& spec);

// Writes or replaces `file` (0600) as a whole: a crash leaves the old one. Errors: exhausted, io.
Result<void> write_seed(SeedDocuments const& documents, std::filesystem::path const& file);

}  // namespace berth::kvm
