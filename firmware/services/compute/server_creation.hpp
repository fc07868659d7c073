// Making a server: one transaction takes the name, the address and the plan's size, writes the job and the event.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "firmware/base/text.hpp"
#include "firmware/services/call.hpp"
#include "firmware/services/compute/server_view.hpp"

namespace berth::compute {

using services::Call;
using services::Granted;

struct NewServer {
  std::string name;                                    // 1 to 63 bytes, one line; unique in the tenant
  std::string image;                                   // id or name
  std::string plan;                                    // id or name
  std::optional<std::string> hostname = std::nullopt;  // RFC 1123 label; absent: made from the name
  std::vector<std::string> ssh_keys = {};              // OpenSSH public keys
  std::optional<std::string> password = std::nullopt;  // of the image's login; kept only as a crypt(3) hash
  bool start = true;
  std::optional<std::string> peer_group = std::nullopt;  // the tenant's group of that name, made when there is none
};

struct CreatedServer {
  JobId job;
  ServerId server;
};

// Errors: invalid_argument with fields (unknown image or plan, plan too large for this machine or too small for the
// image, name, hostname, keys, peer group), conflict ("server-name-taken"), exhausted ("pool-empty"; of admission.hpp:
// "memory-promised", "storage-full"), unavailable (the machine is not known yet).
Result<CreatedServer> create_server(Call& call, Granted<store::Tenant> const& tenant, NewServer const& wish);

// Everything that create_server checks, and nothing of what it writes. The view is what would be made (its ids are not
// kept).
Result<ServerView> check_new_server(Call& call, Granted<store::Tenant> const& tenant, NewServer const& wish);

// The pure part. Adds one problem for each broken rule; none: it fits.
std::vector<FieldProblem> why_not_fits(store::Plan const& plan, store::Image const& image,
                                       store::NodeFacts const& machine);
// A hostname from a name: "Web 1" -> "web-1"; "server" when nothing usable is left.
std::string hostname_from(std::string_view name);
// One OpenSSH public key: known type, base64 blob that names the same type, optional comment.
bool is_ssh_public_key(std::string_view text);
// "52:54:00:xx:xx:xx" from the last bytes of the server's id.
std::string mac_of(ServerId const& server);

}  // namespace berth::compute
