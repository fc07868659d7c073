#include "firmware/cli/commands.hpp"

namespace berth::cli {
namespace {

void add_list(CLI::App& app, Session& session, char const* noun, char const* help, char const* path,
              std::vector<Column> columns) {
  auto& sub = *app.add_subcommand(noun, help);
  sub.require_subcommand(1);
  sub.add_subcommand("list", help)->alias("ls")->callback([&session, path, columns = std::move(columns)] {
    session.act = [&session, path, columns](Client& client) -> Result<void> {
      show_list(session.format, TRY(client.all(path)), columns);
      return {};
    };
  });
}

std::vector<Column> host_columns() {
  return {member("Hostname", "hostname"),
          member("Engine answers", "engine_ok"),
          member("Problem", "engine_problem"),
          member("Processors", "cpus"),
          bytes("Memory", "memory_bytes"),
          bytes("Memory free", "memory_free_bytes"),
          bytes("Memory promised", "memory_promised_bytes"),
          bytes("Memory to sell", "memory_to_sell_bytes"),
          bytes("Storage", "storage_bytes"),
          bytes("Storage free", "storage_free_bytes"),
          member("Accelerator", "accelerator"),
          member("Because", "accelerator_reason"),
          member("Addresses", "pool.addresses_total"),
          member("Addresses free", "pool.addresses_free"),
          member("Kernel", "kernel")};
}

}  // namespace

void add_host_commands(CLI::App& app, Session& session) {
  add_list(app, session, "image", "What servers can be made from", "/images",
           {member("NAME", "name"), member("TITLE", "title"), member("KIND", "kind"), member("STATE", "state"),
            bytes("SIZE", "size_bytes"), bytes("DISK FROM", "min_disk_bytes"), bytes("MEMORY FROM", "min_memory_bytes"),
            member("LOGIN", "login")});
  add_list(app, session, "plan", "The sizes that servers come in", "/plans",
           {member("NAME", "name"), member("KIND", "kind"), member("PROCESSORS", "vcpus"),
            bytes("MEMORY", "memory_bytes"), bytes("DISK", "disk_bytes"), member("ID", "id")});
  app.add_subcommand("host", "This machine")->callback([&session] {
    session.act = [&session](Client& client) -> Result<void> {
      auto const answer = TRY(client.get("/host"));
      show_one(session.format, answer.as_object().at("host"), host_columns());
      return {};
    };
  });
}

}  // namespace berth::cli
