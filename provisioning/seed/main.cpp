// berth-seed: looks for a seed at the machine's start, uses it, and says what became of it where the console shows it.
//
//   berth-seed               by berth-seed.service
//   berth-seed schema        prints the JSON Schema
//   berth-seed check FILE    says what is wrong with a seed; changes nothing
#include <CLI/CLI.hpp>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <format>
#include <thread>

#include "drivers/contract/machine_client.hpp"
#include "firmware/base/files.hpp"
#include "firmware/base/log.hpp"
#include "firmware/cli/setup_code.hpp"
#include "provisioning/seed/seed_source.hpp"
#include "provisioning/seed/seed_use.hpp"

namespace {

using namespace berth;

constexpr std::chrono::minutes answer_deadline{10};
constexpr std::chrono::seconds ask_again{2};

struct Options {
  seed::Sources sources;
  std::string engine = "/run/berth/engine.sock", panel = "/run/berth/panel.sock";
  seed::Files files;
  std::string told = "/run/berth-seed/told", greeting = "/run/berth/greeting";
};

// One line for each thing that is wrong. No value of a seed is in it.
std::string in_words(Error const& error) {
  auto text = error.message + "\n";
  for (auto const& field : error.fields) text += std::format("{}: {}\n", field.pointer, field.message);
  return text;
}

// As long as panel and engine are still starting, they are asked again.
Result<seed::Use> use(std::string_view text, Options const& options, seed::Progress& progress) {
  contract::MachineClient machine(options.engine);
  auto panel = TRY(cli::Client::make(options.panel));
  seed::People const people{
      [&]() -> Result<bool> {
        auto const answer = TRY(panel.get("/setup"));
        auto const* object = answer.if_object();
        auto const* needed = object == nullptr ? nullptr : object->if_contains("needed");
        return needed != nullptr && *needed == true;
      },
      [&](seed::Administrator const& wish) -> Result<void> {
        auto const code = TRY(cli::new_setup_code(panel, options.greeting));
        TRY(panel.post("/setup",
                       json::object{{"code", code}, {"name", wish.name.str()}, {"password", wish.password.str()}}));
        return {};
      },
      [&](Language language) -> Result<void> {
        TRY(panel.put("/language", json::object{{"language", boost::describe::enum_to_string(language, "")}}));
        return {};
      }};
  auto const until = std::chrono::steady_clock::now() + answer_deadline;
  while (true) {
    auto used =
        machine.facts().and_then([&](auto const&) { return use_seed(text, machine, people, options.files, progress); });
    if (used || !seed::may_answer_later(used.error())) return used;
    if (std::chrono::steady_clock::now() > until) {
      seed::give_up(options.files, progress);
      return used;
    }
    std::this_thread::sleep_for(ask_again);
  }
}

std::string outcome(seed::Use use, std::string const& where) {
  switch (use) {
    case seed::Use::done:
      return "from " + where + ": done\n";
    case seed::Use::used:
      return "from " + where + ": it was used before, and is ignored\n";
    case seed::Use::too_late:
      return "from " + where + ": ignored, this machine is set up\n";
  }
  return "";
}

int run(Options const& options) {
  auto const found = find_seed(options.sources);
  if (found && !*found) return 0;
  std::string told;
  if (!found) {
    told = "refused: " + in_words(found.error());
  } else {
    seed::Progress progress;
    auto const used = use((*found)->text, options, progress);
    told = used ? outcome(*used, (*found)->where)
                : std::format("from {}: {}", (*found)->where, why_not_done(progress, used.error()));
  }
  log(LogLevel::notice, "seed", told);
  if (auto const written = replace_volatile_file(options.told, told, 0600); !written) {
    log(LogLevel::error, "seed", describe(written.error()));
    return 1;
  }
  return 0;
}

int check(std::string const& file) {
  auto const text = seed::read_plain_file(file);
  auto const read = text ? seed::read_seed(*text) : Result<seed::Seed>(std::unexpected(text.error()));
  if (read) return 0;
  std::fputs(in_words(read.error()).c_str(), stderr);
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Unattended set-up of a Berth machine");
  Options options;
  std::string file;
  if (char const* folder = std::getenv("CREDENTIALS_DIRECTORY"))
    options.sources.credential = std::filesystem::path(folder) / "berth.seed";
  app.add_option("--volume", options.sources.volume, "the volume that may hold berth.json")->capture_default_str();
  app.add_option("--credential", options.sources.credential, "the seed that the firmware handed over");
  app.add_option("--engine", options.engine, "the engine's socket")->capture_default_str();
  app.add_option("--panel", options.panel, "the panel's local socket")->capture_default_str();
  app.add_option("--mark", options.files.mark, "remembers which seed was used")->capture_default_str();
  app.add_option("--serial-speed", options.files.serial_speed, "the serial port's setting")->capture_default_str();
  app.add_option("--greeting", options.greeting, "where terminals find the set-up code")->capture_default_str();
  app.add_option("--told", options.told, "what became of the seed, for the console")->capture_default_str();
  auto* schema = app.add_subcommand("schema", "print the JSON Schema of a seed");
  auto* checks = app.add_subcommand("check", "say what is wrong with a seed");
  checks->add_option("file", file)->required();
  CLI11_PARSE(app, argc, argv);
  std::signal(SIGPIPE, SIG_IGN);
  if (schema->parsed()) {
    std::puts(json::serialize(seed::schema()).c_str());
    return 0;
  }
  return checks->parsed() ? check(file) : run(options);
}
