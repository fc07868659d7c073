// What the in-memory engine remembers, and how it keeps it in a file.
#pragma once

#include <filesystem>
#include <map>

#include "drivers/contract/types.hpp"

namespace berth::fake {

struct FakeImage {
  contract::ImportImage wish;
  contract::ImageFacts facts;
};
BOOST_DESCRIBE_STRUCT(FakeImage, (), (wish, facts))

struct FakeNic {
  contract::GuestId guest;
  contract::NicSpec nic;
};
BOOST_DESCRIBE_STRUCT(FakeNic, (), (guest, nic))

struct FakeGuest {
  contract::GuestSpec spec;
  contract::GuestState state = contract::GuestState::stopped;
  std::string reason;
  std::optional<std::int32_t> exit_code;
  std::int64_t started_ms = 0;
};
BOOST_DESCRIBE_STRUCT(FakeGuest, (), (spec, state, reason, exit_code, started_ms))

struct FakeState {
  std::string boot_id;
  std::vector<FakeImage> images;
  std::vector<contract::CreateDisk> disks;
  std::optional<contract::NetworkSpec> network;
  std::vector<FakeNic> nics;
  std::vector<FakeGuest> guests;

  FakeImage* image(std::string_view name);
  contract::CreateDisk* disk(std::string_view guest);
  FakeNic* nic(std::string_view guest);
  FakeGuest* guest(std::string_view id);
};
BOOST_DESCRIBE_STRUCT(FakeState, (), (boot_id, images, disks, network, nics, guests))

// An empty state when there is no such file. Errors: internal (not understood), io.
Result<FakeState> load_state(std::filesystem::path const& file);
// Replaces the file in one step.
Result<void> save_state(FakeState const& state, std::filesystem::path const& file);

}  // namespace berth::fake
