#include "firmware/base/process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <memory>

#include "firmware/base/descriptor.hpp"

namespace berth {
namespace {

constexpr char search_path[] = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
constexpr std::size_t input_bytes_max = 64 * 1024;

using Steady = std::chrono::steady_clock;

class FileActions {
 public:
  FileActions() { posix_spawn_file_actions_init(&actions_); }
  FileActions(FileActions const&) = delete;
  FileActions& operator=(FileActions const&) = delete;
  ~FileActions() { posix_spawn_file_actions_destroy(&actions_); }
  void duplicate(int from, int to) { posix_spawn_file_actions_adddup2(&actions_, from, to); }
  void close_from(int first) { posix_spawn_file_actions_addclosefrom_np(&actions_, first); }
  void change_folder(std::string const& folder) { posix_spawn_file_actions_addchdir_np(&actions_, folder.c_str()); }
  posix_spawn_file_actions_t* get() { return &actions_; }

 private:
  posix_spawn_file_actions_t actions_{};
};

class Attributes {
 public:
  Attributes() {
    posix_spawnattr_init(&attributes_);
    sigset_t none;
    sigset_t all;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawnattr_setsigmask(&attributes_, &none);
    posix_spawnattr_setsigdefault(&attributes_, &all);
    posix_spawnattr_setpgroup(&attributes_, 0);
    posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
  }
  Attributes(Attributes const&) = delete;
  Attributes& operator=(Attributes const&) = delete;
  ~Attributes() { posix_spawnattr_destroy(&attributes_); }
  posix_spawnattr_t* get() { return &attributes_; }

 private:
  posix_spawnattr_t attributes_{};
};

// A child of ours that is dead and waited for when this goes.
class Child {
 public:
  Child(pid_t pid, int pidfd) : pid_(pid), pidfd_(pidfd) {}
  Child(Child const&) = delete;
  Child& operator=(Child const&) = delete;
  ~Child() {
    if (pid_ <= 0) return;
    ::kill(-pid_, SIGKILL);
    ::kill(pid_, SIGKILL);  // before it became leader of its group
    wait();
  }
  int pidfd() const { return pidfd_.get(); }
  int wait() {
    int status = 0;
    while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
    pid_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }

 private:
  pid_t pid_;
  Descriptor pidfd_;
};

struct Pipe {
  Descriptor read;
  Descriptor write;
};

Result<Pipe> make_pipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return fail_errno(errno, "make a pipe");
  ::fcntl(ends[0], F_SETFL, O_NONBLOCK);
  return Pipe{Descriptor(ends[0]), Descriptor(ends[1])};
}

// A file in memory rather than a pipe: nobody has to feed it while the program runs.
Result<Descriptor> input_file(std::string_view input) {
  if (input.empty()) {
    Descriptor null(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    if (!null.valid()) return fail_errno(errno, "open /dev/null");
    return null;
  }
  if (input.size() > input_bytes_max)
    return fail(ErrorCode::too_large, "input-too-large", "the program's input is too large");
  Descriptor file(::memfd_create("input", MFD_CLOEXEC));
  if (!file.valid()) return fail_errno(errno, "keep the program's input");
  if (::pwrite(file.get(), input.data(), input.size(), 0) != static_cast<ssize_t>(input.size()))
    return fail_errno(errno, "keep the program's input");
  return file;
}

// Moves everything above the numbers the program wants, so that no dup2 overwrites a source still to come.
Result<std::vector<std::pair<Descriptor, int>>> staged(std::vector<std::pair<int, int>> const& wanted) {
  int above = 3;
  for (auto const& [ours, theirs] : wanted) above = std::max(above, theirs + 1);
  std::vector<std::pair<Descriptor, int>> out;
  for (auto const& [ours, theirs] : wanted) {
    Descriptor copy(::fcntl(ours, F_DUPFD_CLOEXEC, above));
    if (!copy.valid()) return fail_errno(errno, "pass a descriptor to a program");
    out.emplace_back(std::move(copy), theirs);
  }
  return out;
}

Result<Child> spawn(std::vector<std::string> const& argv, ProgramOptions const& options,
                    std::vector<std::pair<int, int>> const& wanted) {
  auto const sources = TRY(staged(wanted));
  FileActions actions;
  std::vector<int> targets;
  for (auto const& [source, target] : sources) {
    actions.duplicate(source.get(), target);
    targets.push_back(target);
  }
  // Descriptors that other threads opened are O_CLOEXEC by rule; this closes what a library forgot.
  if (!options.folder.empty()) actions.change_folder(options.folder);
  actions.close_from(*std::ranges::max_element(targets) + 1);

  std::vector<char*> arguments;
  for (auto const& argument : argv) arguments.push_back(const_cast<char*>(argument.c_str()));
  arguments.push_back(nullptr);
  std::vector<std::string> variables = options.environment;
  variables.emplace_back(std::string("PATH=") + search_path);
  variables.emplace_back("LANG=C.UTF-8");
  std::vector<char*> values;
  for (auto& variable : variables) values.push_back(variable.data());
  values.push_back(nullptr);

  std::vector<std::string> candidates;
  if (argv[0].contains('/')) {
    candidates.push_back(argv[0]);
  } else {
    for (std::string_view rest = search_path; !rest.empty();) {
      auto const colon = std::min(rest.find(':'), rest.size());
      candidates.push_back(std::string(rest.substr(0, colon)) + "/" + argv[0]);
      rest.remove_prefix(std::min(colon + 1, rest.size()));
    }
  }
  Attributes attributes;
  int error = ENOENT;
  for (auto const& candidate : candidates) {
    if (candidates.size() > 1 && ::access(candidate.c_str(), X_OK) != 0) continue;
    pid_t pid = -1;
    error = ::posix_spawn(&pid, candidate.c_str(), actions.get(), attributes.get(), arguments.data(), values.data());
    if (error == 0) return Result<Child>(std::in_place, pid, static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
    if (error != ENOENT) break;
  }
  return fail_errno(error, "start " + argv[0]);
}

struct Reader {
  Descriptor from;
  std::string text;
};

// Takes what is there. False at the end of the stream.
Result<bool> drain(Reader& reader, std::size_t bytes_max) {
  std::array<char, 16384> buffer;
  while (true) {
    auto const count = ::read(reader.from.get(), buffer.data(), buffer.size());
    if (count == 0) return false;
    if (count < 0) {
      if (errno == EAGAIN) return true;
      if (errno == EINTR) continue;
      return fail_errno(errno, "read a program's output");
    }
    if (reader.text.size() + static_cast<std::size_t>(count) > bytes_max)
      return fail(ErrorCode::too_large, "output-too-large", "the program wrote more than it may");
    reader.text.append(buffer.data(), static_cast<std::size_t>(count));
  }
}

// Until the program itself has ended; whoever still holds its pipes is not waited for.
Result<void> collect(Child const& child, Reader& out, Reader& err, ProgramOptions const& options) {
  auto const until = Steady::now() + options.deadline;
  while (true) {
    std::array<pollfd, 3> watched{pollfd{child.pidfd(), POLLIN, 0}, pollfd{out.from.get(), POLLIN, 0},
                                  pollfd{err.from.get(), POLLIN, 0}};
    auto const left = std::chrono::ceil<std::chrono::milliseconds>(until - Steady::now()).count();
    if (left <= 0) return fail(ErrorCode::timed_out, "program-timed-out", "the program took too long");
    int const ready = ::poll(watched.data(), watched.size(), static_cast<int>(std::min<std::int64_t>(left, 1 << 30)));
    if (ready < 0 && errno != EINTR) return fail_errno(errno, "wait for a program");
    if (ready <= 0) continue;
    for (auto* reader : {&out, &err})
      if (reader->from.valid() && !TRY(drain(*reader, options.output_bytes_max))) reader->from.reset();
    if (watched[0].revents != 0) {
      for (auto* reader : {&out, &err})
        if (reader->from.valid()) TRY(drain(*reader, options.output_bytes_max));
      return {};
    }
  }
}

Result<ProgramOutput> run(std::vector<std::string> const& argv, ProgramOptions const& options) {
  auto const input = TRY(input_file(options.input));
  Reader out;
  Reader err;
  std::vector<Descriptor> ends;
  std::vector<std::pair<int, int>> wanted{{input.get(), 0}};
  for (auto [reader, number] : {std::pair{&out, 1}, std::pair{&err, 2}}) {
    if (options.capture) {
      auto pipe = TRY(make_pipe());
      reader->from = std::move(pipe.read);
      ends.push_back(std::move(pipe.write));
    } else {
      ends.emplace_back(::open("/dev/null", O_WRONLY | O_CLOEXEC));
      if (!ends.back().valid()) return fail_errno(errno, "open /dev/null");
    }
    wanted.emplace_back(ends.back().get(), number);
  }
  for (auto const& pair : options.descriptors) {
    std::erase_if(wanted, [&](auto const& w) { return w.second == pair.second; });
    wanted.push_back(pair);
  }
  auto spawned = spawn(argv, options, wanted);
  if (!spawned) return std::unexpected(std::move(spawned).error());
  auto& child = *spawned;
  ends.clear();
  if (child.pidfd() < 0) return fail_errno(errno, "watch a program");
  TRY(collect(child, out, err, options));
  ProgramOutput output;
  output.exit_code = child.wait();
  output.out = std::move(out.text);
  output.err = std::move(err.text);
  return output;
}

}  // namespace

Result<ProgramOutput> run_program(std::vector<std::string> const& argv, ProgramOptions const& options) {
  if (argv.empty() || argv[0].empty()) return fail(ErrorCode::invalid_argument, "no-program", "no program was named");
  auto output = run(argv, options);
  if (!output) return std::unexpected(std::move(output).error().in("run " + argv[0]));
  return output;
}

Result<std::string> run_checked(std::vector<std::string> const& argv, ProgramOptions const& options) {
  auto output = TRY(run_program(argv, options));
  if (output.exit_code == 0) return std::move(output.out);
  auto& words = output.err;
  while (!words.empty() && (words.back() == '\n' || words.back() == ' ')) words.pop_back();
  constexpr std::size_t last_words_bytes = 400;
  if (words.size() > last_words_bytes) words.erase(0, words.size() - last_words_bytes);
  return fail(ErrorCode::io, "program-failed",
              argv[0] + " ended with " + std::to_string(output.exit_code) + (words.empty() ? "" : ": " + words));
}

}  // namespace berth
