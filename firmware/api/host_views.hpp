// The machine and what it offers, as shown.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "firmware/api/server_views.hpp"
#include "firmware/base/json.hpp"
#include "firmware/services/system/host_overview.hpp"
#include "firmware/store/image_store.hpp"
#include "firmware/store/plan_store.hpp"

namespace berth::api::view {

using store::ImageState;

struct AddressPool {
  std::uint64_t addresses_total = 0;
  std::uint64_t addresses_free = 0;
};
BOOST_DESCRIBE_STRUCT(AddressPool, (), (addresses_total, addresses_free))

// What the engine told last; without an answer since the start the figures are 0.
struct Host {
  bool engine_ok = false;
  std::optional<std::string> engine_problem;
  std::string hostname;
  std::string kernel;
  std::uint32_t cpus = 0;
  std::uint64_t memory_bytes = 0;
  std::uint64_t memory_free_bytes = 0;
  std::uint64_t memory_promised_bytes = 0;  // to all servers, stopped ones included
  std::uint64_t memory_to_sell_bytes = 0;   // what one more server may have
  std::uint64_t storage_bytes = 0;
  std::uint64_t storage_free_bytes = 0;
  bool storage_full = false;  // too full for one more server
  std::string accelerator;
  std::string accelerator_reason;
  bool reflink = false;
  AddressPool pool;
};
BOOST_DESCRIBE_STRUCT(Host, (),
                      (engine_ok, engine_problem, hostname, kernel, cpus, memory_bytes, memory_free_bytes,
                       memory_promised_bytes, memory_to_sell_bytes, storage_bytes, storage_free_bytes, storage_full,
                       accelerator, accelerator_reason, reflink, pool))

Host of(services::HostOverview const& overview);

struct HostAnswer {
  Host host;
};
BOOST_DESCRIBE_STRUCT(HostAnswer, (), (host))

struct Plan {
  PlanId id;
  std::string name;
  std::optional<ServerKind> kind;  // absent: for both
  std::uint32_t vcpus = 0;
  std::uint64_t memory_bytes = 0;
  std::uint64_t disk_bytes = 0;
};
BOOST_DESCRIBE_STRUCT(Plan, (), (id, name, kind, vcpus, memory_bytes, disk_bytes))

Plan of(store::Plan const& plan);

struct PlanList {
  std::vector<Plan> items;
};
BOOST_DESCRIBE_STRUCT(PlanList, (), (items))

struct Image {
  ImageId id;
  std::string name;
  std::string title;
  ServerKind kind = ServerKind::vm;
  std::string os;
  std::string version;
  std::uint64_t size_bytes = 0;
  std::uint64_t min_disk_bytes = 0;
  std::uint64_t min_memory_bytes = 0;
  ImageState state = ImageState::importing;
  std::optional<std::string> state_reason;
  std::optional<std::string> login;  // the user a person signs in as
};
BOOST_DESCRIBE_STRUCT(Image, (),
                      (id, name, title, kind, os, version, size_bytes, min_disk_bytes, min_memory_bytes, state,
                       state_reason, login))

Image of(store::Image const& image);

struct ImageList {
  std::vector<Image> items;
};
BOOST_DESCRIBE_STRUCT(ImageList, (), (items))

}  // namespace berth::api::view
