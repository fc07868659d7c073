#include "drivers/host/update_service.hpp"

#include <cerrno>
#include <cstring>

#include "drivers/host/bus_parts.hpp"

namespace berth::host {
namespace {

constexpr std::uint64_t second_usec = 1'000'000;
constexpr std::uint64_t call_usec_max = 20 * second_usec;
// A bundle's signature is read from a stick, too; marking a slot writes two file systems.
constexpr std::uint64_t bundle_usec_max = 120 * second_usec;

constexpr bus::Target rauc{"de.pengutronix.rauc", "/", "de.pengutronix.rauc.Installer"};
constexpr bus::Target properties{"de.pengutronix.rauc", "/", "org.freedesktop.DBus.Properties"};
constexpr char const* slot_names[] = {"rootfs.0", "rootfs.1"};

std::unexpected<Error> not_understood(int r) {
  return fail_errno(-r, "an answer of the update service");
}

// What it says when another call or an installation is under way.
Error mapped(Error error) {
  if (error.slug == "system-service-refused" && error.context.contains("already processing"))
    return {ErrorCode::conflict, "updates-busy", "An update is being installed.", {}, error.context};
  return error;
}

// Reads a dictionary a{sv}: read(key) reads the value, from the variant on, and returns false to have it skipped.
template <class Read>
Result<void> for_each_entry(sd_bus_message* m, Read&& read) {
  int r = sd_bus_message_enter_container(m, 'a', "{sv}");
  if (r < 0) return not_understood(r);
  while ((r = sd_bus_message_enter_container(m, 'e', "sv")) > 0) {
    char const* key = nullptr;
    if (r = sd_bus_message_read_basic(m, 's', &key); r < 0) return not_understood(r);
    if (!TRY(read(std::string_view(key))))
      if (r = sd_bus_message_skip(m, "v"); r < 0) return not_understood(r);
    if (r = sd_bus_message_exit_container(m); r < 0) return not_understood(r);
  }
  if (r < 0) return not_understood(r);
  if (r = sd_bus_message_exit_container(m); r < 0) return not_understood(r);
  return {};
}

// Enters the variant when it holds such a value.
Result<bool> enter_variant(sd_bus_message* m, char const* type) {
  char kind = 0;
  char const* contents = nullptr;
  if (int const r = sd_bus_message_peek_type(m, &kind, &contents); r <= 0) return not_understood(r);
  if (kind != 'v' || std::strcmp(contents, type) != 0) return false;
  if (int const r = sd_bus_message_enter_container(m, 'v', type); r < 0) return not_understood(r);
  return true;
}

Result<bool> read_text(sd_bus_message* m, std::string& out) {
  if (!TRY(enter_variant(m, "s"))) return false;
  char const* text = nullptr;
  if (int const r = sd_bus_message_read_basic(m, 's', &text); r < 0) return not_understood(r);
  out = text;
  if (int const r = sd_bus_message_exit_container(m); r < 0) return not_understood(r);
  return true;
}

// A variant that is a dictionary itself, or a variant that holds one: a bundle's parts come in two.
template <class Read>
Result<bool> read_dictionary(sd_bus_message* m, Read&& read) {
  bool const wrapped = TRY(enter_variant(m, "v"));
  bool const found = TRY(enter_variant(m, "a{sv}"));
  if (found) TRY(for_each_entry(m, read));
  if (wrapped && !found)
    if (int const r = sd_bus_message_skip(m, "v"); r < 0) return not_understood(r);
  for (int left = (wrapped ? 1 : 0) + (found ? 1 : 0); left > 0; --left)
    if (int const r = sd_bus_message_exit_container(m); r < 0) return not_understood(r);
  return wrapped || found;
}

Result<bool> read_progress(sd_bus_message* m, ServiceProgress& out) {
  if (!TRY(enter_variant(m, "(isi)"))) return false;
  std::int32_t percent = 0, depth = 0;
  char const* step = nullptr;
  if (int const r = sd_bus_message_read(m, "(isi)", &percent, &step, &depth); r < 0) return not_understood(r);
  out.percent = percent;
  out.step = step;
  if (int const r = sd_bus_message_exit_container(m); r < 0) return not_understood(r);
  return true;
}

class Rauc final : public UpdateService {
 public:
  Result<BundleFacts> inspect(std::filesystem::path const& bundle) override {
    auto call = TRY(bus::Call::to(rauc, "InspectBundle"));
    if (int const r = sd_bus_message_append(call.message(), "sa{sv}", bundle.c_str(), 0); r < 0)
      return not_understood(r);
    auto answer = call.run(bundle_usec_max);
    if (!answer) {
      auto error = mapped(std::move(answer).error());
      if (error.slug != "system-service-refused") return std::unexpected(std::move(error));
      return std::unexpected(Error{ErrorCode::corrupt,
                                   "bundle-invalid",
                                   "This is not an update, or not signed by whom this machine trusts.",
                                   {},
                                   error.context});
    }
    auto* m = answer->get();
    BundleFacts facts;
    TRY(for_each_entry(m, [&](std::string_view part) -> Result<bool> {
      if (part == "update")
        return read_dictionary(m, [&](std::string_view key) -> Result<bool> {
          if (key == "compatible") return read_text(m, facts.compatible);
          if (key == "version") return read_text(m, facts.version);
          return false;
        });
      if (part == "bundle")
        return read_dictionary(m, [&](std::string_view key) -> Result<bool> {
          return key == "format" && TRY(read_text(m, facts.format));
        });
      return false;
    }));
    return facts;
  }

  Result<void> install(std::filesystem::path const& bundle, std::string const& transaction) override {
    auto call = TRY(bus::Call::to(rauc, "InstallBundle"));
    if (int const r = sd_bus_message_append(call.message(), "sa{sv}", bundle.c_str(), 1, "transaction-id", "s",
                                            transaction.c_str());
        r < 0)
      return not_understood(r);
    if (auto begun = call.run(call_usec_max); !begun) return std::unexpected(mapped(std::move(begun).error()));
    return {};
  }

  Result<ServiceProgress> progress() override {
    auto call = TRY(bus::Call::to(properties, "GetAll"));
    if (int const r = sd_bus_message_append(call.message(), "s", rauc.interface); r < 0) return not_understood(r);
    auto const answer = TRY(call.run(call_usec_max));
    auto* m = answer.get();
    ServiceProgress progress;
    std::string operation;
    TRY(for_each_entry(m, [&](std::string_view key) -> Result<bool> {
      if (key == "Operation") return read_text(m, operation);
      if (key == "LastError") return read_text(m, progress.last_error);
      if (key == "Progress") return read_progress(m, progress);
      return false;
    }));
    progress.installing = operation == "installing";
    return progress;
  }

  Result<std::array<SlotRecord, 2>> slots() override {
    auto call = TRY(bus::Call::to(rauc, "GetSlotStatus"));
    auto answer = call.run(call_usec_max);
    if (!answer) return std::unexpected(mapped(std::move(answer).error()));
    auto* m = answer->get();
    std::array<SlotRecord, 2> records;
    int r = sd_bus_message_enter_container(m, 'a', "(sa{sv})");
    if (r < 0) return not_understood(r);
    while ((r = sd_bus_message_enter_container(m, 'r', "sa{sv}")) > 0) {
      char const* name = nullptr;
      if (r = sd_bus_message_read_basic(m, 's', &name); r < 0) return not_understood(r);
      SlotRecord other;
      auto& record = std::strcmp(name, slot_names[0]) == 0   ? records[0]
                     : std::strcmp(name, slot_names[1]) == 0 ? records[1]
                                                             : other;
      TRY(for_each_entry(m, [&](std::string_view key) -> Result<bool> {
        if (key == "status") return read_text(m, record.status);
        if (key == "bundle.version") return read_text(m, record.version);
        if (key == "installed.transaction") return read_text(m, record.transaction);
        return false;
      }));
      if (r = sd_bus_message_exit_container(m); r < 0) return not_understood(r);
    }
    if (r < 0) return not_understood(r);
    return records;
  }

  Result<void> activate(contract::SlotName slot) override {
    auto call = TRY(bus::Call::to(rauc, "Mark"));
    auto const* name = slot_names[slot == contract::SlotName::a ? 0 : 1];
    if (int const r = sd_bus_message_append(call.message(), "ss", "active", name); r < 0) return not_understood(r);
    if (auto done = call.run(bundle_usec_max); !done) return std::unexpected(mapped(std::move(done).error()));
    return {};
  }
};

}  // namespace

std::unique_ptr<UpdateService> update_service() {
  return std::make_unique<Rauc>();
}

}  // namespace berth::host
