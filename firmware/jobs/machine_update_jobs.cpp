// Installing a release: handed to the engine, followed to its end. What the other slot holds afterwards stands whatever
// happens then; which slot starts next is the engine's word.
#include <algorithm>
#include <format>

#include "drivers/contract/release_version.hpp"
#include "firmware/events/event.hpp"
#include "firmware/jobs/machine_observation.hpp"
#include "firmware/jobs/machine_payload.hpp"
#include "firmware/jobs/machine_steps.hpp"
#include "firmware/jobs/types.hpp"
#include "firmware/jobs/update_record.hpp"

namespace berth::jobs {
namespace {

constexpr std::chrono::seconds look_every{1};

// run.job is as it was when this attempt began: what its steps remembered is read anew.
Result<UpdatePayload> payload_now(StepRun& run) {
  auto const job = TRY(run.store.read(
      [&](store::Snapshot& s) { return s.jobs.get(run.job.id, store::TenantScope::all_tenants_for_staff()); }));
  return payload_of<UpdatePayload>(job);
}

std::string folder_of(UpdatePayload const& payload) {
  return payload.channel_url.ends_with('/') ? payload.channel_url : payload.channel_url + "/";
}

// Newer than what runs, and than what waits in the other slot.
Result<bool> is_wanted(StepRun& run, std::string const& version) {
  auto const offered = contract::ReleaseVersion::parse(version);
  if (!offered)
    return fail(ErrorCode::corrupt, "channel-malformed", "The channel names a version that this machine cannot read.");
  auto const slots = TRY(run.machine.slots());
  for (auto const& slot : slots.slots) {
    auto const there = contract::ReleaseVersion::parse(slot.version);
    bool const counts = slot.booted || slot.name == slots.next;
    if (counts && there && *offered <= *there) return false;
  }
  return true;
}

Result<void> ask_channel(StepRun& run) {
  auto payload = TRY(payload_now(run));
  auto const facts = TRY(run.machine.facts());
  auto const folder = folder_of(payload);
  auto const offer = TRY(run.outside.channel.offer(folder, facts.board));
  payload.version = offer.version;
  payload.nothing_newer = !TRY(is_wanted(run, offer.version));
  run.say(payload.nothing_newer ? std::format("The channel offers {}: nothing newer.", offer.version)
                                : std::format("The channel offers {}.", offer.version));
  if (payload.automatic && !payload.nothing_newer) {
    // It was installed by itself once, and the machine has left it again: a person decides.
    auto const record = TRY(run.store.read([](store::Snapshot& s) { return update_record(s); }));
    payload.nothing_newer = record.automatic == offer.version;
    if (payload.nothing_newer) run.say("It was installed by itself before and did not stay.");
  }
  return run.remember(payload);
}

// A file that a process fetched and did not live to name is swept away (MachineFiles::sweep).
Result<void> fetch_update(StepRun& run) {
  auto payload = TRY(payload_now(run));
  if (payload.nothing_newer || !payload.file.empty()) return {};
  auto const folder = folder_of(payload);
  auto const offer = TRY(run.outside.channel.offer(folder, TRY(run.machine.facts()).board));
  if (offer.version != payload.version)
    return fail(ErrorCode::conflict, "channel-changed", "The channel changed meanwhile; look for updates again.");
  auto incoming = TRY(run.outside.files.receive(offer.size_bytes));
  constexpr std::uint64_t look_every_bytes = 1 << 20;
  std::uint64_t got = 0;
  std::uint64_t looked_at = 0;
  TRY(run.outside.channel.fetch(folder, offer, [&](std::string_view bytes) -> Result<void> {
    TRY(incoming.add(bytes));
    got += bytes.size();
    run.progress(static_cast<std::int64_t>(got * 100 / std::max<std::uint64_t>(offer.size_bytes, 1)),
                 "Fetching the update");
    if (got - looked_at < look_every_bytes) return {};
    looked_at = got;
    return run.wait(std::chrono::milliseconds(0), true);
  }));
  TRY(incoming.finish());
  payload.file = incoming.name();
  TRY(run.remember(payload));
  incoming.keep();
  return {};
}

Result<void> begin_installing(StepRun& run, UpdatePayload const& payload) {
  if (!payload.found.empty()) return run.machine.install_found(TRY(contract::FoundUpdateId::parse(payload.found)));
  return run.machine.install_update(TRY(run.outside.files.open_update(payload.file)));
}

Result<void> hand_over(StepRun& run) {
  auto payload = TRY(payload_now(run));
  if (payload.nothing_newer) return {};
  auto const now = TRY(run.machine.update());
  if (now.running) {
    // Begun by this step before the panel died; or by somebody at the console.
    if (payload.handed_over) return {};
    return fail(ErrorCode::conflict, "update-running", "An update is being installed already.");
  }
  payload.handed_over = true;
  TRY(run.remember(payload));
  return begin_installing(run, payload);
}

// Whether both are known and are two versions.
bool is_another(std::string const& installed, std::string const& wanted) {
  auto const one = contract::ReleaseVersion::parse(installed);
  auto const other = contract::ReleaseVersion::parse(wanted);
  return one && other && !(*one == *other);
}

Result<void> follow(StepRun& run) {
  auto const payload = TRY(payload_now(run));
  if (payload.nothing_newer) return {};
  for (;;) {
    auto const now = TRY(run.machine.update());
    if (!now.running) {
      if (!now.failure.empty()) return fail(ErrorCode::conflict, "update-failed", now.failure);
      if (now.version.empty() || is_another(now.version, payload.version))
        return fail(ErrorCode::conflict, "update-interrupted",
                    "The machine was started anew while it installed the update; install it again.");
      run.progress(100, now.step);
      run.say(std::format("{} is installed and runs after the next restart.", now.version));
      return {};
    }
    run.progress(now.percent, now.step);
    TRY(run.wait(look_every, false));
  }
}

Result<void> clear_away(StepRun& run) {
  auto const payload = TRY(payload_now(run));
  return payload.file.empty() ? Result<void>{} : run.outside.files.remove_update(payload.file);
}

// A file that failed once is gone by now, or is no update: whoever has a right one sends it.
Result<void> not_again(store::Transaction& tx, store::Job const& job) {
  auto payload = TRY(payload_of<UpdatePayload>(job));
  if (payload.channel_url.empty() && payload.found.empty())
    return fail(ErrorCode::conflict, "job-not-retryable", "Send the update's file again.");
  payload.handed_over = payload.nothing_newer = false;
  payload.file.clear();
  if (payload.found.empty()) payload.version.clear();
  return tx.jobs.set_payload(job.id, write_json(payload));
}

Result<void> checked(store::Transaction& tx, store::Job const& job, std::string problem) {
  auto const payload = TRY(payload_of<UpdatePayload>(job));
  auto record = TRY(update_record(tx));
  record.checked_ms = to_ms(tx.now());
  record.offered = payload.version;
  record.problem = std::move(problem);
  if (record.problem.empty() && payload.automatic && !payload.nothing_newer) record.automatic = payload.version;
  return keep_update_record(tx, record);
}

// The job's row as its steps left it.
Result<store::Job> as_remembered(store::Transaction& tx, store::Job const& job) {
  return tx.jobs.get(job.id, store::TenantScope::all_tenants_for_staff());
}

Result<void> checked_well(store::Transaction& tx, store::Job const& job) {
  return checked(tx, TRY(as_remembered(tx, job)), "");
}
Result<void> checked_badly(store::Transaction& tx, store::Job const& job) {
  return checked(tx, TRY(as_remembered(tx, job)), job.error_message);
}

constexpr std::string_view hand_over_name = "hand it to the machine";
constexpr std::string_view follow_name = "write it to the other slot";
constexpr std::string_view clear_name = "remove the file it came in";
constexpr Step record{record_machine_name, record_machine_state};
constexpr Step install_steps[] = {{hand_over_name, hand_over}, {follow_name, follow}, record, {clear_name, clear_away}};
constexpr Step check_steps[] = {{"ask the channel", ask_channel},
                                {"fetch the update", fetch_update},
                                {hand_over_name, hand_over},
                                {follow_name, follow},
                                record,
                                {clear_name, clear_away}};

}  // namespace

// What is half written cannot be used and is written over the next time: a cancellation would save nothing.
constexpr JobType machine_install_update{.name = "machine.install-update",
                                         .steps = install_steps,
                                         .deadline = std::chrono::hours(2),
                                         .cancellable = false,
                                         .retried = not_again};
constexpr JobType machine_check_updates{.name = "machine.check-updates",
                                        .steps = check_steps,
                                        .deadline = std::chrono::hours(6),
                                        .succeeded = checked_well,
                                        .failed = checked_badly,
                                        .retried = not_again};

}  // namespace berth::jobs
