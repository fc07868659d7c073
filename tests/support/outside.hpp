// What jobs act on, in memory, around an engine and a machine: a certificate that counts, a channel that says what it is told.
#pragma once

#include <gtest/gtest.h>

#include <mutex>

#include "firmware/base/random.hpp"
#include "firmware/jobs/outside.hpp"
#include "tests/support/temporary_folder.hpp"

namespace berth::support {

class CountedCertificate final : public jobs::PanelCertificate {
 public:
  Result<jobs::CertificateFacts> facts() override {
    std::scoped_lock lock(mutex_);
    return facts_;
  }
  Result<void> renew(std::string const& hostname, std::vector<std::string> const& addresses) override {
    std::scoped_lock lock(mutex_);
    facts_.fingerprint = std::to_string(++made_);
    facts_.names = {hostname};
    facts_.names.insert(facts_.names.end(), addresses.begin(), addresses.end());
    return {};
  }

 private:
  std::mutex mutex_;
  int made_ = 0;
  jobs::CertificateFacts facts_{.fingerprint = "0", .expires_ms = 1, .names = {}, .self_signed = true};
};

class ToldChannel final : public jobs::UpdateChannel {
 public:
  void offers(std::string version, std::string content) {
    std::scoped_lock lock(mutex_);
    content_ = std::move(content);
    offer_ = {std::move(version), "berth.raucb", sha256_hex(content_), content_.size()};
  }
  // What it sends is another file than it described.
  void lies() {
    std::scoped_lock lock(mutex_);
    content_.front() = 'X';
  }
  int asked() const {
    std::scoped_lock lock(mutex_);
    return asked_;
  }

  Result<jobs::Offer> offer(std::string const&, std::string const&) override {
    std::scoped_lock lock(mutex_);
    ++asked_;
    if (content_.empty()) return fail(ErrorCode::conflict, "channel-unreachable", "The update channel cannot be read.");
    return offer_;
  }
  Result<void> fetch(std::string const&, jobs::Offer const& offer, Sink const& sink) override {
    std::string content;
    {
      std::scoped_lock lock(mutex_);
      content = content_;
    }
    TRY(sink(content));
    if (sha256_hex(content) != offer.sha256) return fail(ErrorCode::corrupt, "update-damaged", "It is damaged.");
    return {};
  }

 private:
  mutable std::mutex mutex_;
  jobs::Offer offer_;
  std::string content_;
  int asked_ = 0;
};

class OutsideInMemory {
 public:
  OutsideInMemory(contract::Engine& engine, contract::Machine& machine, std::filesystem::path const& folder)
      : files_(open(folder)), all_{engine, machine, certificate, channel, *files_} {}
  jobs::Outside const& all() const { return all_; }
  jobs::MachineFiles& files() { return *files_; }

  CountedCertificate certificate;
  ToldChannel channel;

 private:
  static std::unique_ptr<jobs::MachineFiles> open(std::filesystem::path const& folder) {
    auto files = jobs::MachineFiles::open(folder);
    EXPECT_TRUE(files);
    return *std::move(files);
  }
  std::unique_ptr<jobs::MachineFiles> files_;
  jobs::Outside const all_;
};

}  // namespace berth::support
