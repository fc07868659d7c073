// berth: the panel on the command line.
#include <cstdio>
#include <cstdlib>
#include <map>

#include "firmware/cli/commands.hpp"

namespace {

using namespace berth;

void complain(Error const& error) {
  std::fprintf(stderr, "berth: %s\n", cli::printable(error.message).c_str());
  for (auto const& field : error.fields)
    std::fprintf(stderr, "  %s: %s\n", cli::printable(field.pointer).c_str(), cli::printable(field.message).c_str());
}

void describe_program(CLI::App& app, cli::Session& session) {
  app.set_version_flag("--version", "berth " BERTH_VERSION);
  app.add_option("--socket", session.socket, "the panel's socket")->envname("BERTH_SOCKET")->capture_default_str();
  std::map<std::string, cli::Format> const formats{
      {"table", cli::Format::table}, {"json", cli::Format::json}, {"yaml", cli::Format::yaml}};
  app.add_option("-o,--output", session.format, "table, json or yaml")
      ->transform(CLI::CheckedTransformer(formats))
      ->option_text("table|json|yaml");
  app.require_subcommand(1);
  app.fallthrough();  // --output may stand after the command
  app.footer(
      "Exit codes: 0 done; 1 refused by the panel; 2 wrong usage; 3 the panel does not answer; 4 not found; 5 the job "
      "that was waited "
      "for failed.\nRun it as root or as the user berth: the panel's socket knows who asks.");
  cli::add_server_commands(app, session);
  cli::add_job_commands(app, session);
  cli::add_host_commands(app, session);
  cli::add_machine_commands(app, session);
  cli::add_admin_commands(app, session);
  cli::add_health_command(app, session);
  cli::add_completion_command(app, session);
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Berth on the command line: servers, jobs and this machine.", "berth");
  cli::Session session;
  describe_program(app, session);
  try {
    app.parse(argc, argv);
  } catch (CLI::ParseError const& error) {
    return app.exit(error) == 0 ? 0 : cli::exit_usage;
  }
  auto client = cli::Client::make(session.socket);
  auto const done = client ? session.act(*client) : Result<void>(std::unexpected(client.error()));
  if (done) return std::fflush(stdout) == 0 ? 0 : cli::exit_refused;
  complain(done.error());
  return cli::exit_code_of(done.error());
}
