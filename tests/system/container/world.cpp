#include "tests/system/container/world.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <chrono>
#include <csignal>
#include <fstream>
#include <iterator>
#include <map>
#include <stdexcept>
#include <thread>

#include "firmware/base/digest.hpp"
#include "firmware/base/files.hpp"
#include "firmware/base/ids.hpp"
#include "firmware/base/process.hpp"

namespace berth::container {
namespace {

namespace fs = std::filesystem;
using Steady = std::chrono::steady_clock;
using namespace std::chrono_literals;

constexpr auto deadline = 30s;

template <class T>
T must(Result<T> result) {
  if (!result) throw std::runtime_error(describe(result.error()));
  if constexpr (!std::is_void_v<T>) return *std::move(result);
}

std::string content(fs::path const& file) {
  std::ifstream in(file);
  return {std::istreambuf_iterator<char>(in), {}};
}

contract::GuestSpec spec_of(contract::GuestId const& guest, int number, std::string const& image,
                            std::uint64_t memory_bytes, std::uint64_t disk_bytes) {
  return must(from_json<contract::GuestSpec>(
      json::object{{"guest", guest.str()},
                   {"kind", "container"},
                   {"image", image},
                   {"hostname", "host" + std::to_string(number)},
                   {"vcpus", 1},
                   {"memory_bytes", static_cast<std::int64_t>(memory_bytes)},
                   {"disk_bytes", static_cast<std::int64_t>(disk_bytes)},
                   {"nic", json::object{{"mac", "52:54:00:00:00:0" + std::to_string(number)},
                                        {"address", "10.77.0.1" + std::to_string(number)},
                                        {"prefix", 24},
                                        {"gateway", "10.77.0.1"},
                                        {"dns", json::array{"10.77.0.1"}},
                                        {"peer_group", 0}}},
                   {"seed", json::object{{"ssh_keys", json::array{}}}}}));
}

// A disk store that ends the process when it is asked for one thing.
class DyingStore final : public contract::DiskStore {
 public:
  DyingStore(contract::DiskStore& real, std::string point) : real_(real), point_(std::move(point)) {}
  Result<contract::ImageFacts> import_image(contract::ImportImage const& wish, Descriptor file) override {
    return real_.import_image(wish, std::move(file));
  }
  Result<std::vector<contract::ImageFacts>> images() override { return real_.images(); }
  Result<void> remove_image(contract::ImageName const& image) override { return real_.remove_image(image); }
  Result<void> create_disk(contract::CreateDisk const& wish) override { return real_.create_disk(wish); }
  Result<void> delete_disk(contract::GuestId const& guest) override { return real_.delete_disk(guest); }
  Result<fs::path> disk_path(contract::GuestId const& guest) override { return real_.disk_path(guest); }
  Result<fs::path> image_tree(contract::ImageName const& image) override { return real_.image_tree(image); }
  Result<json::value> image_config(contract::ImageName const& image) override {
    if (point_ == "config") ::raise(SIGKILL);
    return real_.image_config(image);
  }
  Result<std::uint64_t> disk_allocated_bytes(contract::GuestId const& guest) override {
    return real_.disk_allocated_bytes(guest);
  }

 private:
  contract::DiskStore& real_;
  std::string point_;
};

}  // namespace

Result<void> CountingNetwork::plug_namespace(contract::GuestId const&, int netns) {
  struct stat facts{};
  ::fstat(netns, &facts);
  namespaces.insert(facts.st_ino);
  return on_plug();
}

World::World(fs::path folder) : folder_(std::move(folder)) {
  fs::permissions(folder_, static_cast<fs::perms>(0711));  // a guest's root passes through, as it does through /run
  restart_engine();
}
World::~World() = default;

void World::restart_engine() {
  driver_.reset();
  consoles_ = std::make_unique<console::ConsoleHub>();
  contract::Directories const directories{state(), runtime()};
  disks_ = must(storage::LocalDiskStore::open(directories, SANDBOX_PROGRAM));
  driver_ = must(ContainerDriver::open(directories, *disks_, network, *consoles_));
}

void World::import(std::string const& name, support::OciImage const& image) {
  auto file = support::file_with(image.archive());
  contract::ImportImage wish{must(contract::ImageName::parse(name)), contract::GuestKind::container,
                             contract::ImageFormat::oci_archive,
                             must(contract::Digest::parse(must(digest_file(file.get())).sha256))};
  must(disks_->import_image(wish, std::move(file)));
}

void World::import_tiny() {
  auto const* folder = std::getenv("BERTH_IMAGES");
  auto const path = fs::path(folder == nullptr ? "/cache/images" : folder) / "tiny" / "image.oci.tar";
  Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.valid()) throw std::runtime_error("build the starter images first: " + path.string() + " is missing");
  contract::ImportImage wish{must(contract::ImageName::parse("tiny")), contract::GuestKind::container,
                             contract::ImageFormat::oci_archive,
                             must(contract::Digest::parse(must(digest_file(file.get())).sha256))};
  must(disks_->import_image(wish, std::move(file)));
}

// Control groups are named by them in the one tree of the machine, where another run of these tests may be at work.
contract::GuestId World::guest(int number) {
  static std::map<int, contract::GuestId> known;
  auto& guest = known[number];
  if (guest.empty()) guest = must(contract::GuestId::parse(dashed_uuid(new_uuid_v7())));
  return guest;
}

contract::StopGuest World::stop_wish(contract::GuestId const& guest, int timeout_s, bool force) {
  contract::StopGuest wish{guest, {}, force};
  wish.timeout_s.value = timeout_s;
  return wish;
}

Result<void> World::define(int number, std::string const& image, std::uint64_t memory_bytes, std::uint64_t disk_bytes) {
  contract::CreateDisk disk{guest(number), contract::GuestKind::container, must(contract::ImageName::parse(image)), {}};
  disk.size_bytes.value = static_cast<std::int64_t>(disk_bytes);
  TRY(disks_->create_disk(disk));
  return driver_->define(spec_of(guest(number), number, image, memory_bytes, disk_bytes));
}

contract::GuestId World::add(int number, std::string const& image, std::uint64_t memory_bytes,
                             std::uint64_t disk_bytes) {
  must(define(number, image, memory_bytes, disk_bytes));
  return guest(number);
}

contract::GuestStatus World::wait_for(contract::GuestId const& guest, contract::GuestState state) {
  auto const until = Steady::now() + deadline;
  while (true) {
    auto status = must(driver_->status(guest));
    if (status.state == state) return status;
    if (Steady::now() > until) throw std::runtime_error("the guest does not get there: " + write_json(status));
    std::this_thread::sleep_for(5ms);
  }
}

std::string World::wait_for_text(Descriptor const& console, std::string const& text) {
  std::string seen;
  auto const until = Steady::now() + deadline;
  while (!seen.contains(text)) {
    if (Steady::now() > until) throw std::runtime_error("the console does not say \"" + text + "\" but: " + seen);
    if (!hear(console, 100ms, seen)) throw std::runtime_error("the console ended before \"" + text + "\": " + seen);
  }
  return seen;
}

bool World::hear(Descriptor const& console, std::chrono::milliseconds patience, std::string& seen) {
  pollfd watched{console.get(), POLLIN, 0};
  if (::poll(&watched, 1, static_cast<int>(patience.count())) <= 0) return true;
  std::array<char, 4096> buffer;
  auto const count = ::read(console.get(), buffer.data(), buffer.size());
  if (count <= 0) return false;
  seen.append(buffer.data(), static_cast<std::size_t>(count));
  return true;
}

void World::reach_prompt(Descriptor const& console) {
  std::string seen;
  auto const until = Steady::now() + deadline;
  while (!seen.contains("# ") && !seen.contains("$ ")) {
    auto const heard = seen.size();
    if (Steady::now() > until || !hear(console, 1000ms, seen))
      throw std::runtime_error("the console shows no prompt but: " + seen);
    // A prompt that was shown to an earlier engine is shown again.
    if (seen.size() == heard && ::write(console.get(), "\n", 1) != 1)
      throw std::runtime_error("the console does not listen");
  }
}

std::string World::ask(contract::GuestId const& guest, std::string const& command) {
  auto const console = must(driver_->open_console(guest, contract::ConsoleKind::serial));
  // What is typed before the shell takes over the terminal is lost to it: its prompt says that it has.
  reach_prompt(console);
  // The terminal echoes what is typed, and shows new viewers what was said before: each question has its own marks, put
  // together by the shell so that the echo does not match them.
  auto const mark = std::to_string(++questions_);
  auto const line = "echo 'be''gin'-" + mark + "; " + command + "; echo 'e''nd'-" + mark + "=$?.\n";
  if (::write(console.get(), line.data(), line.size()) != static_cast<ssize_t>(line.size()))
    throw std::runtime_error("the console does not listen");
  auto const end = "end-" + mark + "=";
  auto seen = wait_for_text(console, end);
  if (!seen.substr(seen.find(end)).contains('.')) seen += wait_for_text(console, ".");
  seen.erase(0, seen.find("begin-" + mark));
  std::erase(seen, '\r');
  return seen;
}

std::string World::traces() const {
  std::set<std::string> found;
  std::ifstream mounts("/proc/self/mountinfo");
  for (std::string line; std::getline(mounts, line);)
    if (line.contains(folder_.string())) found.insert("mount " + line.substr(line.find(" / ") + 1));
  std::error_code ignored;
  for (auto const& entry : fs::directory_iterator("/sys/block", ignored))
    if (auto const backing = content(entry.path() / "loop/backing_file"); backing.contains(folder_.filename().string()))
      found.insert("loop " + backing);
  for (int number = 1; number <= 4; ++number) {
    auto const name = guest(number).str();
    if (fs::exists("/sys/fs/cgroup/berth/" + name, ignored)) found.insert("group " + name);
    for (auto const& hierarchy : fs::directory_iterator("/sys/fs/cgroup", ignored))
      if (fs::exists(hierarchy.path() / "berth" / name, ignored))
        found.insert("group " + (hierarchy.path() / name).string());
    for (auto const& process : fs::directory_iterator("/proc", ignored))
      if (auto const line = content(process.path() / "cmdline"); line.contains(name))
        found.insert("process " + std::string(line.c_str()));
  }
  for (auto const& root : {state(), runtime()})
    for (auto const& entry : fs::recursive_directory_iterator(root, ignored))
      // Image trees do not change; crun keeps the compiled system call filter for the next start of any guest.
      if (!entry.path().string().contains("/tree/") && !entry.path().string().contains("/run/crun"))
        found.insert("file " + entry.path().string());
  std::string text;
  for (auto const& line : found) text += line + "\n";
  return text;
}

pid_t World::first_process(contract::GuestId const& guest) const {
  return std::stoi(content(runtime() / "containers" / guest.str() / "pid"));
}

support::OciImage probe_image(json::array arguments, json::object config) {
  support::TarWriter layer;
  layer.file("probe", content(PROBE_PROGRAM), 0755).directory("mnt").directory("etc");
  support::OciImage image;
  image.layers.push_back({layer.bytes()});
  arguments.insert(arguments.begin(), "/probe");
  config["Entrypoint"] = std::move(arguments);
  image.config = std::move(config);
  return image;
}

void start_and_die(fs::path const& folder, contract::GuestId const& guest, std::string const& point) {
  auto const ended =
      must(run_program({"/proc/self/exe", "start-and-die", folder.string(), guest.str(), point}, {.capture = false}));
  if (ended.exit_code != 128 + SIGKILL) throw std::runtime_error("it did not die: " + std::to_string(ended.exit_code));
}

void be_the_other_process(int argc, char** argv) {
  if (argc != 5 || std::string_view(argv[1]) != "start-and-die") return;
  fs::path const folder = argv[2];
  auto const guest = must(contract::GuestId::parse(argv[3]));
  std::string const point = argv[4];
  contract::Directories const directories{folder / "state", folder / "run"};
  auto const disks = must(storage::LocalDiskStore::open(directories, SANDBOX_PROGRAM));
  DyingStore store(*disks, point);
  CountingNetwork network;
  network.on_plug = [&]() -> Result<void> {
    if (point == "plug") ::raise(SIGKILL);
    if (point == "mounted") {
      // Nothing is between the mounts and crun; without its monitor's files it looks as if crun had never begun.
      auto const run = folder / "run" / "containers" / guest.str();
      ::kill(std::stoi(content(run / "conmon.pid")), SIGKILL);
      for (auto const* name : {"created.json", "pid", "conmon.pid"}) fs::remove(run / name);
      ::raise(SIGKILL);
    }
    return {};
  };
  console::ConsoleHub hub;
  auto const driver = must(ContainerDriver::open(directories, store, network, hub));
  (void)driver->start(guest);
  std::_Exit(point == "started" ? (::raise(SIGKILL), 0) : 1);
}

}  // namespace berth::container
