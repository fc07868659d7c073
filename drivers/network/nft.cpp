#include "drivers/network/nft.hpp"

#include <nftables/libnftables.h>

namespace berth::network {

Nft::Nft() : context_(nft_ctx_new(NFT_CTX_DEFAULT), nft_ctx_free) {
  nft_ctx_output_set_flags(context_.get(), NFT_CTX_OUTPUT_JSON | NFT_CTX_OUTPUT_NUMERIC_PROTO);
  nft_ctx_buffer_output(context_.get());
  nft_ctx_buffer_error(context_.get());
}

Nft::~Nft() = default;

Result<std::string> Nft::run(json::array commands) {
  auto const text = json::serialize(json::object{{"nftables", std::move(commands)}});
  std::scoped_lock lock(mutex_);
  auto const failed = nft_run_cmd_from_buffer(context_.get(), text.c_str()) != 0;
  // The buffers live until the next call; both must be taken so that they are reset.
  std::string const output = nft_ctx_get_output_buffer(context_.get());
  std::string const words = nft_ctx_get_error_buffer(context_.get());
  if (!failed) return output;
  auto const absent = words.find("No such file or directory") != std::string::npos;
  return fail(absent ? ErrorCode::not_found : ErrorCode::io, absent ? "rule-absent" : "nftables-refused",
              "nftables refused a change: " + words.substr(0, 400));
}

Result<void> Nft::apply(json::array commands) {
  TRY(run(std::move(commands)));
  return {};
}

Result<json::array> Nft::list(json::object command) {
  auto const text = TRY(run({json::object{{"list", std::move(command)}}}));
  boost::system::error_code ec;
  auto value = json::parse(text, ec);
  auto* object = ec ? nullptr : value.if_object();
  auto* items = object == nullptr ? nullptr : object->if_contains("nftables");
  if (items == nullptr || !items->is_array())
    return fail(ErrorCode::io, "nftables-answer", "nftables gave an answer that is not its JSON");
  return std::move(items->as_array());
}

}  // namespace berth::network
