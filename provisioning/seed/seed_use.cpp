#include "provisioning/seed/seed_use.hpp"

#include "firmware/base/files.hpp"
#include "firmware/base/random.hpp"

namespace berth::seed {
namespace {

constexpr std::size_t mark_bytes_max = 4096;
constexpr std::int64_t confirm_within_s = 60;

Result<void> put_mark(std::filesystem::path const& file, std::string const& digest, bool finished) {
  return replace_file(file, write_json(Mark{TRY(decltype(Mark::sha256)::parse(digest)), finished}) + "\n", 0600);
}

Result<void> tell_machine(Seed const& seed, contract::Machine& machine, Files const& files) {
  if (seed.hostname) TRY(machine.set_hostname(*seed.hostname));
  if (seed.time) TRY(machine.set_time(*seed.time));
  if (seed.ssh) TRY(machine.set_ssh(*seed.ssh));
  if (seed.serial_speed) TRY(replace_file(files.serial_speed, std::to_string(seed.serial_speed->value) + "\n", 0644));
  if (!seed.network) return {};
  contract::TryNetwork wish{*seed.network, {}};
  wish.confirm_within_s.value = confirm_within_s;
  TRY(machine.try_network(wish));
  return machine.confirm_network();
}

}  // namespace

std::optional<Mark> read_mark(std::filesystem::path const& file) {
  auto const text = read_file(file, mark_bytes_max);
  if (!text) return std::nullopt;
  auto mark = read_json<Mark>(*text);
  return mark ? std::optional(*std::move(mark)) : std::nullopt;
}

Result<Use> use_seed(std::string_view text, contract::Machine& machine, People const& people, Files const& files) {
  auto const digest = sha256_hex(text);
  auto const before = read_mark(files.mark);
  bool const begun = before && before->sha256.str() == digest;
  if (begun && before->finished) return Use::used;
  bool const nobody = TRY(people.nobody_yet());
  if (!nobody && !begun) return Use::too_late;
  auto const seed = TRY(read_seed(text));
  TRY(put_mark(files.mark, digest, false));
  if (seed.administrator && nobody) {
    if (auto made = people.make_administrator(*seed.administrator); !made) {
      for (auto& field : made.error().fields) field.pointer.insert(0, "/administrator");
      return std::unexpected(std::move(made).error());
    }
  }
  if (seed.language) TRY(people.speak(*seed.language));
  TRY(tell_machine(seed, machine, files));
  TRY(put_mark(files.mark, digest, true));
  return Use::done;
}

}  // namespace berth::seed
