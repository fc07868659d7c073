// libnftables through its JSON (libnftables-json(5)): commands in, answers out, one transaction a call.
#pragma once

#include <memory>
#include <mutex>

#include "firmware/base/json.hpp"

struct nft_ctx;

namespace berth::network {

// Thread-safe; calls take turns. Works on the network namespace of the thread that made it.
class Nft {
 public:
  Nft();
  ~Nft();
  Nft(Nft const&) = delete;
  Nft& operator=(Nft const&) = delete;

  // Carries out all commands or none. Errors: not_found (ENOENT: a table, chain or element is not there), io with the kernel's words.
  Result<void> apply(json::array commands);
  // The answer's "nftables" list. Same errors.
  Result<json::array> list(json::object command);

 private:
  Result<std::string> run(json::array commands);

  std::mutex mutex_;
  std::unique_ptr<nft_ctx, void (*)(nft_ctx*)> context_;
};

}  // namespace berth::network
