#include "firmware/jobs/update_record.hpp"

#include "firmware/base/json_reply.hpp"

namespace berth::jobs {
namespace {

constexpr std::string_view key = "machine.update_record";

}  // namespace

Result<UpdateRecord> update_record(store::Snapshot& snapshot) {
  auto const text = TRY(snapshot.settings.get(key));
  if (!text) return UpdateRecord{};
  return from_reply<UpdateRecord>(TRY(parse_json(*text)));
}

Result<void> keep_update_record(store::Transaction& tx, UpdateRecord const& record) {
  return tx.settings.set(key, write_json(record));
}

}  // namespace berth::jobs
