#include "provisioning/seed/seed_use.hpp"

#include <format>

#include "firmware/base/files.hpp"
#include "firmware/base/random.hpp"

namespace berth::seed {
namespace {

constexpr std::size_t mark_bytes_max = 4096;
constexpr std::int64_t confirm_within_s = 60;

Result<void> put_mark(std::filesystem::path const& file, Mark const& mark) {
  return replace_file(file, write_json(mark) + "\n", 0600);
}

void forget(std::filesystem::path const& mark) {
  std::error_code ignored;  // what stays is found by nobody who can sign in, and asks for the administrator again
  std::filesystem::remove(mark, ignored);
}

// Will be the same answer at every start, because it is about the seed's own words.
bool refused_for_good(Error const& error) {
  using enum ErrorCode;
  return error.code == invalid_argument || error.code == unsupported || error.code == not_found ||
         error.code == too_large || error.code == forbidden;
}

Result<void> set_network(contract::NetworkSettings const& settings, contract::Machine& machine) {
  contract::TryNetwork wish{settings, {}};
  wish.confirm_within_s.value = confirm_within_s;
  TRY(machine.try_network(wish));
  return machine.confirm_network();
}

// Everything but the administrator.
Result<void> tell_machine(Seed const& seed, contract::Machine& machine, People const& people, Files const& files,
                          Progress& progress) {
  auto const step = [&](char const* name, auto const& wish, auto const& act) -> Result<void> {
    if (!wish) return {};
    progress.failed = name;
    TRY(act(*wish));
    progress.failed.clear();
    progress.holds.emplace_back(name);
    return {};
  };
  TRY(step("language", seed.language, [&](auto const& wish) { return people.speak(wish); }));
  TRY(step("hostname", seed.hostname, [&](auto const& wish) { return machine.set_hostname(wish); }));
  TRY(step("time", seed.time, [&](auto const& wish) { return machine.set_time(wish); }));
  TRY(step("ssh", seed.ssh, [&](auto const& wish) { return machine.set_ssh(wish); }));
  TRY(step("serial_speed", seed.serial_speed, [&](auto const& wish) {
    return replace_file(files.serial_speed, std::to_string(wish.value) + "\n", 0644);
  }));
  return step("network", seed.network, [&](auto const& wish) { return set_network(wish, machine); });
}

// The mark says so before the panel is asked: a power cut right after it agreed must not leave an administrator of nobody's making.
Result<void> make_administrator(Administrator const& wish, People const& people, Files const& files, Mark& mark,
                                Progress& progress) {
  progress.failed = "administrator";
  mark.administrator = true;
  TRY(put_mark(files.mark, mark));
  if (auto made = people.make_administrator(wish); !made) {
    if (!may_answer_later(made.error())) forget(files.mark);
    for (auto& field : made.error().fields) field.pointer.insert(0, "/administrator");
    return std::unexpected(std::move(made).error());
  }
  progress.failed.clear();
  return {};
}

std::string listed(std::vector<std::string> const& names) {
  std::string all;
  for (auto const& name : names) all += (all.empty() ? "" : ", ") + name;
  return all;
}

}  // namespace

std::optional<Mark> read_mark(std::filesystem::path const& file) {
  auto const text = read_file(file, mark_bytes_max);
  if (!text) return std::nullopt;
  auto mark = read_json<Mark>(*text);
  return mark ? std::optional(*std::move(mark)) : std::nullopt;
}

bool may_answer_later(Error const& error) {
  return error.code == ErrorCode::unavailable || error.code == ErrorCode::timed_out;
}

void give_up(Files const& files, Progress const& progress) {
  if (progress.failed == "administrator") forget(files.mark);
}

Result<Use> use_seed(std::string_view text, contract::Machine& machine, People const& people, Files const& files,
                     Progress& progress) {
  progress = {};
  auto const before = read_mark(files.mark);
  Mark mark{TRY(decltype(Mark::sha256)::parse(sha256_hex(text)))};
  if (before && before->sha256 == mark.sha256) mark = *before;
  if (mark.finished) return Use::used;
  bool const nobody = TRY(people.nobody_yet());
  if (!nobody && !mark.administrator) return Use::too_late;
  auto const seed = TRY(read_seed(text));
  if (seed.administrator && nobody) TRY(make_administrator(*seed.administrator, people, files, mark, progress));
  if (seed.administrator) progress.holds.emplace_back("administrator");
  if (auto told = tell_machine(seed, machine, people, files, progress); !told) {
    progress.ended = refused_for_good(told.error());
    mark.finished = progress.ended;
    if (mark.finished) TRY(put_mark(files.mark, mark));
    return std::unexpected(std::move(told).error());
  }
  mark.finished = true;
  TRY(put_mark(files.mark, mark));
  return Use::done;
}

std::string why_not_done(Progress const& progress, Error const& error) {
  std::string text = "refused, nothing of it holds\n";
  if (!progress.holds.empty() || (!progress.failed.empty() && progress.failed != "administrator")) {
    text = std::format("{} failed; what holds: {}", progress.failed.empty() ? "the record of it" : progress.failed,
                       progress.holds.empty() ? "nothing" : listed(progress.holds));
    text += progress.ended ? "; it is not tried again\n" : "; the next start tries it again\n";
  }
  text += error.message + "\n";
  for (auto const& field : error.fields) text += std::format("{}: {}\n", field.pointer, field.message);
  return text;
}

}  // namespace berth::seed
