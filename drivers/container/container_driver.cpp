#include "drivers/container/container_driver.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <mutex>

#include "drivers/console/console_hub.hpp"
#include "drivers/container/console_log.hpp"
#include "drivers/container/folder_watch.hpp"
#include "drivers/container/image_config.hpp"
#include "drivers/container/instance.hpp"
#include "drivers/container/oci_spec.hpp"
#include "drivers/container/record.hpp"
#include "drivers/container/rootfs.hpp"
#include "drivers/container/turns.hpp"
#include "drivers/container/user.hpp"
#include "drivers/contract/checks.hpp"
#include "firmware/base/files.hpp"
#include "firmware/base/log.hpp"

namespace berth::container {

using contract::GuestId;
using contract::GuestKind;
using contract::GuestSpec;
using contract::GuestState;
using contract::GuestStatus;

namespace {

namespace fs = std::filesystem;
using Steady = std::chrono::steady_clock;

std::unexpected<Error> conflict(std::string slug, std::string message) {
  return fail(ErrorCode::conflict, std::move(slug), std::move(message));
}

// The flashed image carries our profile and loads it before the engine starts. Where the kernel has AppArmor and the profile is
// there but was not loaded, crun refuses to start the container.
std::string apparmor_profile() {
  bool const enabled = read_file("/sys/module/apparmor/parameters/enabled", 16).value_or("N").starts_with('Y');
  return enabled && ::access("/etc/apparmor.d/berth-container", F_OK) == 0 ? "berth-container" : "";
}

std::uint64_t descriptors_max() {
  constexpr std::uint64_t wished = 524'288;
  rlimit now{};
  if (::getrlimit(RLIMIT_NOFILE, &now) != 0) return 1024;
  return std::min<std::uint64_t>(wished, now.rlim_max);  // raising takes a capability that build machines do not give
}

// True when the process ended within the time.
bool wait_for_end(Descriptor const& process, std::chrono::milliseconds patience) {
  auto const until = Steady::now() + patience;
  while (true) {
    auto const left = std::chrono::ceil<std::chrono::milliseconds>(until - Steady::now()).count();
    pollfd watched{process.get(), POLLIN, 0};
    int const ready = ::poll(&watched, 1, static_cast<int>(std::max<std::int64_t>(left, 0)));
    if (ready > 0) return true;
    if (ready == 0 && left <= 0) return false;
  }
}

// True when it ended within the time. The first process of a container does not hear signals that it has not prepared
// for (pid_namespaces(7)): while it may still be starting up, the signal is sent again.
bool ask_to_end(ProcessMark const& mark, Descriptor const& process, int signal, std::chrono::milliseconds patience) {
  constexpr std::chrono::milliseconds step{200};
  constexpr std::chrono::seconds start_up{5};
  auto const until = Steady::now() + patience;
  while (true) {
    ::syscall(SYS_pidfd_send_signal, process.get(), signal, nullptr, 0);
    auto const left = std::chrono::ceil<std::chrono::milliseconds>(until - Steady::now());
    bool const young = age(mark) < start_up;
    if (wait_for_end(process, young ? std::min<std::chrono::milliseconds>(step, left) : left)) return true;
    if (!young || Steady::now() >= until) return false;
  }
}

}  // namespace

struct ContainerDriver::Parts {
  Parts(contract::Directories const& directories, contract::DiskStore& d, contract::Network& n, console::ConsoleHub& c)
      : disks(d),
        network(n),
        consoles(c),
        records(directories.state),
        runtime(directories.runtime),
        guests_folder(directories.state / "guests") {}

  contract::DiskStore& disks;
  contract::Network& network;
  console::ConsoleHub& consoles;
  Records records;
  Runtime runtime;
  fs::path const guests_folder;
  Turns turns;
  std::mutex listener_mutex;
  contract::ChangeListener listener;  // guarded by listener_mutex
  FolderWatch folders;                // last: its thread uses what stands above

  ConsoleLog console_log(GuestId const& guest) const { return ConsoleLog(guests_folder / guest.str() / "console"); }

  Instance instance(GuestId const& guest) const { return {runtime, guest}; }

  std::optional<fs::path> disk_of(GuestId const& guest) const {
    auto path = disks.disk_path(guest);
    return path ? std::optional(*std::move(path)) : std::nullopt;
  }

  // A definition or image that does not read any more is no reason not to stop a guest.
  int stop_signal(GuestId const& guest) const {
    auto const record = records.find(guest);
    auto const config = record ? disks.image_config(record->spec.image) : Result<json::value>(json::value());
    auto const image = config ? read_image_config(*config) : Result<ImageConfig>(ImageConfig());
    return image ? image->stop_signal : SIGTERM;
  }

  Result<void> release(GuestId const& guest) {
    consoles.detach(guest);
    auto released = instance(guest).release(disk_of(guest));
    if (!released) return std::unexpected(std::move(released).error().in("clean up after the container"));
    return console_log(guest).forget();
  }

  // What is there, and known to be ours. A run that ended by itself is cleaned up in passing, unless somebody else
  // acts.
  Result<GuestStatus> see(GuestId const& guest) {
    auto const one = instance(guest);
    if (one.needs_release()) {
      if (auto const turn = turns.if_free(guest.str()); turn && one.needs_release()) {
        if (auto const released = release(guest); !released)
          log(LogLevel::warning, "container", "a container that ended could not be cleaned up",
              {{"guest", guest.str()}, {"error", describe(released.error())}});
      }
    }
    auto status = one.look();
    if (status.state == GuestState::absent && records.knows(guest)) status.state = GuestState::stopped;
    return status;
  }

  void tell_changed(GuestId const& guest) {
    std::lock_guard lock(listener_mutex);
    if (listener) listener(guest);
  }

  // Its end is told from now on, and its console's log is kept. Without the watch the end is seen when somebody looks.
  void watch(GuestId const& guest) {
    auto log_files = console_log(guest);
    auto const log_watched =
        folders.watch(log_files.folder(), ConsoleLog::file_name, [log_files] { log_files.follow(); });
    log_files.follow();
    auto const watched = folders.watch(runtime.exit_folder(guest), guest.str(), [this, guest] { tell_changed(guest); });
    for (auto const& outcome : {log_watched, watched})
      if (!outcome)
        log(LogLevel::warning, "container", "a container is not watched: its end will be noticed late",
            {{"guest", guest.str()}, {"error", describe(outcome.error())}});
  }

  void attach_console(GuestId const& guest, Descriptor first, std::string_view said_before = {}) {
    // The first connection is made before the guest's first word; the hub takes it, and makes later ones itself.
    auto const waiting = std::make_shared<std::atomic<int>>(first.release());
    struct Closer {
      std::shared_ptr<std::atomic<int>> socket;
      ~Closer() { Descriptor const unused(socket->exchange(-1)); }
    };
    auto const closer = std::make_shared<Closer>(waiting);
    consoles.attach(
        guest,
        [runtime = runtime, guest, closer]() -> Result<Descriptor> {
          if (int const socket = closer->socket->exchange(-1); socket >= 0) return Descriptor(socket);
          return runtime.connect_terminal(guest);
        },
        said_before);
  }

  // A container that outlived an engine. Connected before the log is read: what is said in between may be seen twice, and is
  // not lost.
  void take_up(GuestId const& guest) {
    watch(guest);
    auto terminal = runtime.connect_terminal(guest);
    attach_console(guest, terminal ? *std::move(terminal) : Descriptor(), console_log(guest).recent());
  }

  Result<void> write_bundle(Record const& record, fs::path const& tree) const {
    auto const folder = runtime.folder(record.spec.guest);
    auto const image = TRY(read_image_config(TRY(disks.image_config(record.spec.image))));
    auto const user = TRY(find_user(tree, image.user));
    auto const etc = folder / "etc";
    TRY(ensure_directory(etc, 0711));
    TRY(replace_volatile_file(etc / "hosts", hosts_file(record.spec), 0644));
    TRY(replace_volatile_file(etc / "hostname", record.spec.hostname.str() + "\n", 0644));
    TRY(replace_volatile_file(etc / "resolv.conf", resolv_conf(record.spec), 0644));
    SpecInput const input{record.spec,
                          image,
                          user,
                          kernel::range_base(static_cast<std::uint32_t>(record.range.value)),
                          folder / "rootfs",
                          etc,
                          Cgroup(record.spec.guest.str()).spec_path(),
                          Cgroup::counts_swap(),
                          descriptors_max(),
                          apparmor_profile()};
    return replace_volatile_file(folder / "config.json", json::serialize(oci_spec(input)), 0600);
  }

  Result<void> bring_up(Record const& record) {
    auto const& guest = record.spec.guest;
    auto const one = instance(guest);
    auto const disk = disk_of(guest);
    if (!disk) return conflict("disk-missing", "The guest has no disk.");
    auto const tree = TRY(disks.image_tree(record.spec.image));
    TRY(one.prepare_folder());
    TRY(write_bundle(record, tree));
    TRY(mount_rootfs({tree, *disk, kernel::range_base(static_cast<std::uint32_t>(record.range.value))}, one.folder()));
    auto const console = console_log(guest);
    TRY(console.begin());
    auto const process = TRY(one.create({console.file(), ConsoleLog::bytes_max}));
    watch(guest);
    // crun has made the network namespace, owned by the guest's user namespace; it ends with the guest. Nothing is
    // pinned.
    Descriptor const netns(
        ::open(("/proc/" + std::to_string(process.pid.value) + "/ns/net").c_str(), O_RDONLY | O_CLOEXEC));
    if (!netns.valid()) return fail_errno(errno, "open the guest's network namespace");
    TRY(network.plug_namespace(guest, netns.get()));
    attach_console(guest, TRY(runtime.connect_terminal(guest)));
    return one.start();
  }
};

ContainerDriver::ContainerDriver(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
ContainerDriver::~ContainerDriver() = default;

Result<std::unique_ptr<ContainerDriver>> ContainerDriver::open(contract::Directories directories,
                                                               contract::DiskStore& disks, contract::Network& network,
                                                               console::ConsoleHub& consoles) {
  std::error_code error;
  fs::create_directories(directories.runtime, error);
  TRY(ensure_directory(directories.runtime, 0711));
  TRY(take_back_null_device());
  auto driver = std::make_unique<ContainerDriver>(std::make_unique<Parts>(directories, disks, network, consoles));
  for (auto const& guest : TRY(driver->parts_->records.guests()))
    if (driver->parts_->instance(guest).lives()) driver->parts_->take_up(guest);
  return driver;
}

void ContainerDriver::on_change(contract::ChangeListener listener) {
  std::lock_guard lock(parts_->listener_mutex);
  parts_->listener = std::move(listener);
}

Result<void> ContainerDriver::define(GuestSpec const& spec) {
  TRY(contract::check(spec));
  if (spec.kind != GuestKind::container) return fail_field("/kind", "must be container");
  auto const turn = parts_->turns.wait(spec.guest.str());
  auto const known = parts_->records.find(spec.guest);
  if (known && write_json(known->spec) == write_json(spec)) return {};
  if (parts_->instance(spec.guest).lives())
    return conflict("guest-running", "The guest runs; its definition cannot change now.");
  // What start() will need is looked at now, while whoever asked still listens.
  auto const tree = TRY(parts_->disks.image_tree(spec.image));
  auto const image = TRY(read_image_config(TRY(parts_->disks.image_config(spec.image))));
  TRY(find_user(tree, image.user));
  TRY(parts_->disks.disk_path(spec.guest));
  TRY(parts_->records.keep(spec));
  return {};
}

Result<void> ContainerDriver::undefine(GuestId const& guest) {
  TRY(contract::check(guest));
  auto const turn = parts_->turns.wait(guest.str());
  auto const one = parts_->instance(guest);
  if (auto const state = one.look().state; one.lives() && state != GuestState::starting)
    return conflict("guest-running", "The guest runs.");
  TRY(parts_->release(guest));
  TRY(one.forget());
  return parts_->records.forget(guest);
}

Result<GuestStatus> ContainerDriver::start(GuestId const& guest) {
  TRY(contract::check(guest));
  auto const turn = parts_->turns.wait(guest.str());
  auto const record = TRY(parts_->records.find(guest));
  auto const one = parts_->instance(guest);
  auto const before = one.look();
  if (before.state == GuestState::running) return before;
  if (before.state == GuestState::paused) return conflict("guest-paused", "The guest is paused.");
  if (before.state == GuestState::stopping) return conflict("guest-stopping", "The guest is being stopped.");
  TRY(parts_->release(guest));  // what a run that ended, or a start cut short, left
  auto const up = parts_->bring_up(record);
  if (!up) {
    if (auto const undone = parts_->release(guest); !undone)
      log(LogLevel::error, "container", "a start that failed could not be undone",
          {{"guest", guest.str()}, {"error", describe(undone.error())}});
    return std::unexpected(Error(up.error()).in("start the container " + guest.str()));
  }
  return one.look();
}

Result<GuestStatus> ContainerDriver::stop(contract::StopGuest const& wish) {
  TRY(contract::check(wish));
  auto const turn = parts_->turns.wait(wish.guest.str());
  auto const one = parts_->instance(wish.guest);
  if (auto const mark = one.process()) {
    TRY(one.note_stopping());
    auto group = one.cgroup();
    auto const process = open_process(*mark);
    bool ended = !process;
    if (!ended && wish.timeout_s > 0) {
      if (group.frozen()) TRY(group.thaw());
      ended = ask_to_end(*mark, *process, parts_->stop_signal(wish.guest), std::chrono::seconds(wish.timeout_s.value));
    }
    if (!ended && !wish.force) {
      one.forget_stopping();
      return fail(ErrorCode::timed_out, "stop-timed-out", "The guest did not stop in time.");
    }
    if (!ended) {
      TRY(group.kill());
      constexpr std::chrono::seconds patience{20};
      if (!wait_for_end(*process, patience))
        return fail(ErrorCode::timed_out, "kill-timed-out", "The guest's processes do not end.");
    }
  }
  TRY(parts_->release(wish.guest));
  auto status = one.look();
  if (status.state == GuestState::absent && parts_->records.knows(wish.guest)) status.state = GuestState::stopped;
  return status;
}

Result<GuestStatus> ContainerDriver::set_frozen(GuestId const& guest, Result<void> (Cgroup::*act)()) {
  TRY(contract::check(guest));
  auto const turn = parts_->turns.wait(guest.str());
  auto const one = parts_->instance(guest);
  auto const state = one.look().state;
  if (state == GuestState::absent && !parts_->records.knows(guest))
    return fail(ErrorCode::not_found, "guest-unknown", "There is no such guest on this machine.");
  if (state != GuestState::running && state != GuestState::paused)
    return conflict("guest-not-running", "The guest does not run.");
  auto group = one.cgroup();
  TRY((group.*act)());
  return one.look();
}

Result<GuestStatus> ContainerDriver::pause(GuestId const& guest) {
  return set_frozen(guest, &Cgroup::freeze);
}

Result<GuestStatus> ContainerDriver::resume(GuestId const& guest) {
  return set_frozen(guest, &Cgroup::thaw);
}

Result<GuestStatus> ContainerDriver::status(GuestId const& guest) {
  TRY(contract::check(guest));
  return parts_->see(guest);
}

Result<std::vector<GuestStatus>> ContainerDriver::list() {
  std::vector<GuestStatus> all;
  for (auto const& guest : TRY(parts_->records.guests())) all.push_back(TRY(parts_->see(guest)));
  return all;
}

Result<Descriptor> ContainerDriver::open_console(GuestId const& guest, contract::ConsoleKind kind) {
  TRY(contract::check(guest));
  if (kind != contract::ConsoleKind::serial)
    return fail(ErrorCode::unsupported, "no-screen", "Containers have a terminal, no screen.");
  if (!parts_->records.knows(guest))
    return fail(ErrorCode::not_found, "guest-unknown", "There is no such guest on this machine.");
  auto const state = parts_->instance(guest).look().state;
  if (state != GuestState::running && state != GuestState::paused && state != GuestState::stopping)
    return conflict("guest-not-running", "The guest does not run.");
  return parts_->consoles.open(guest);
}

Result<void> ContainerDriver::resize_console(GuestId const& guest, contract::ConsoleSize const& size) {
  TRY(contract::check(guest));
  if (!parts_->records.knows(guest))
    return fail(ErrorCode::not_found, "guest-unknown", "There is no such guest on this machine.");
  if (!parts_->instance(guest).lives()) return conflict("guest-not-running", "The guest does not run.");
  return parts_->runtime.resize_terminal(guest, size);
}

}  // namespace berth::container
