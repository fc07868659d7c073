// What may be said about servers.
#pragma once

#include <optional>

#include "drivers/contract/types.hpp"
#include "firmware/api/nullable.hpp"
#include "firmware/base/json.hpp"
#include "firmware/services/compute/server_power.hpp"

namespace berth::api {

using ServerName = Text<1, 63>;
using PeerGroupName = Text<1, 63>;
using SshPublicKey = Text<16, 8192>;

struct CreateServer {
  ServerName name;
  Text<1, 64> image;                               // id or name
  Text<1, 64> plan;                                // id or name
  std::optional<contract::Hostname> hostname;      // else made from the name
  std::optional<List<SshPublicKey, 16>> ssh_keys;  // OpenSSH public keys, one line each
  std::optional<Secret<8, 128>> password;          // of the image's own user; stored nowhere but as a crypt(3) hash
  std::optional<bool> start;                       // else true
  std::optional<PeerGroupName> peer_group;         // whose members it may talk to; else nobody's
};
BOOST_DESCRIBE_STRUCT(CreateServer, (), (name, image, plan, hostname, ssh_keys, password, start, peer_group))

struct CreateServerQuery {
  std::optional<bool> dry_run;  // check everything, change nothing
};
BOOST_DESCRIBE_STRUCT(CreateServerQuery, (), (dry_run))

// What is absent stays as it is.
struct EditServer {
  std::optional<ServerName> name;
  std::optional<std::optional<PeerGroupName>> peer_group;  // null: none
};
BOOST_DESCRIBE_STRUCT(EditServer, (), (name, peer_group))

struct PowerServer {
  compute::PowerAct act = compute::PowerAct::start;
};
BOOST_DESCRIBE_STRUCT(PowerServer, (), (act))

struct CreateConsoleTicket {
  contract::ConsoleKind kind = contract::ConsoleKind::serial;
};
BOOST_DESCRIBE_STRUCT(CreateConsoleTicket, (), (kind))

// How a list is read: `limit` entries from after `cursor`, which an earlier page gave.
struct PageQuery {
  std::optional<Number<1, 100>> limit;
  std::optional<Text<1, 200>> cursor;
};
BOOST_DESCRIBE_STRUCT(PageQuery, (), (limit, cursor))

}  // namespace berth::api
