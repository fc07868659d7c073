#include <format>

#include "firmware/cli/commands.hpp"

namespace berth::cli {
namespace {

// One line of a bash case for each command: its words after "berth", and what may follow.
std::string cases_of(CLI::App const& app, std::string const& path) {
  std::string words;
  for (auto const* sub : app.get_subcommands({})) words += sub->get_name() + " ";
  for (auto const* option : app.get_options())
    for (auto const& name : option->get_lnames()) words += "--" + name + " ";
  auto text = std::format("    '{}') words='{}' ;;\n", path, words);
  for (auto const* sub : app.get_subcommands({}))
    text += cases_of(*sub, path.empty() ? sub->get_name() : path + " " + sub->get_name());
  return text;
}

// Names of servers come from the panel itself; a panel that does not answer completes nothing.
std::string bash_script(CLI::App const& app) {
  return std::format(R"sh(_berth() {{
  local current=${{COMP_WORDS[COMP_CWORD]}} path='' words='' i
  for ((i = 1; i < COMP_CWORD; i++)); do
    case ${{COMP_WORDS[i]}} in -*) ;; *) path="${{path:+$path }}${{COMP_WORDS[i]}}" ;; esac
  done
  case $path in
{}  esac
  if [[ $path == 'server '* && $current != -* ]]; then
    words+=" $(berth server list --output json 2>/dev/null | grep -o '"id":"srv_[^"]*","name":"[^"]*"' | cut -d'"' -f8)"
  fi
  mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
}}
complete -F _berth berth
)sh",
                     cases_of(app, ""));
}

}  // namespace

void add_completion_command(CLI::App& app, Session& session) {
  auto* completion = app.add_subcommand("completion", "The completion script for bash: source <(berth completion)");
  completion->callback([&app, &session] {
    session.act = [&app](Client&) -> Result<void> {
      std::fputs(bash_script(app).c_str(), stdout);
      return {};
    };
  });
}

}  // namespace berth::cli
