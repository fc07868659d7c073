// What somebody who helps needs to see of this machine, and nothing that gives access to it.
#pragma once

#include <string>
#include <vector>

#include "firmware/base/descriptor.hpp"
#include "firmware/base/result.hpp"

namespace berth::host {

struct BundleFile {
  std::string name;  // "facts.json"
  std::string text;
};
// A program whose words become a file; fixed arguments, no shell.
struct BundleProgram {
  std::string name;
  std::vector<std::string> argv;
};

// The journal of this start and of the one before, the units, the network, disks and mounts.
std::vector<BundleProgram> support_programs();

// A gzip-compressed tar, in memory, of "berth-support/NAME" each: every text goes through without_secrets(). A program that is
// missing or fails is a file that says so. Errors: io.
Result<Descriptor> make_support_bundle(std::vector<BundleFile> files, std::vector<BundleProgram> const& programs);

}  // namespace berth::host
