#include "firmware/services/compute/server_creation.hpp"

#include <algorithm>
#include <format>

#include "drivers/contract/types.hpp"
#include "firmware/base/ipv4.hpp"
#include "firmware/events/event.hpp"
#include "firmware/jobs/wishes.hpp"
#include "firmware/services/compute/admission.hpp"
#include "firmware/services/compute/password_crypt.hpp"
#include "firmware/services/compute/server_edit.hpp"
#include "firmware/services/network/address_allocation.hpp"

namespace berth::compute {
namespace {

constexpr std::size_t ssh_keys_max = 16;
constexpr std::size_t ssh_key_bytes_max = 8192;
constexpr std::size_t password_bytes_min = 8;
constexpr std::size_t password_bytes_max = 128;

std::unexpected<Error> bad_fields(std::vector<FieldProblem> fields) {
  Error error{ErrorCode::invalid_argument, "invalid-field", "Some fields are not acceptable."};
  error.fields = std::move(fields);
  return std::unexpected(std::move(error));
}

// What can be said about the wish without looking anything up.
std::vector<FieldProblem> why_not_wish(NewServer const& wish) {
  std::vector<FieldProblem> problems;
  if (auto why = why_not_text(wish.name, 1, 63, TextRule::line)) problems.emplace_back("/name", *std::move(why));
  if (wish.hostname && !contract::is_hostname(*wish.hostname))
    problems.emplace_back("/hostname", FieldRule::not_hostname);
  if (wish.ssh_keys.size() > ssh_keys_max)
    problems.emplace_back("/ssh_keys", Complaint{FieldRule::too_many, {.max = ssh_keys_max}});
  for (std::size_t i = 0; i < wish.ssh_keys.size(); ++i) {
    auto const& key = wish.ssh_keys[i];
    if (why_not_text(key, 16, ssh_key_bytes_max, TextRule::line) || !is_ssh_public_key(key))
      problems.emplace_back(std::format("/ssh_keys/{}", i), FieldRule::not_ssh_key);
  }
  if (wish.peer_group)
    if (auto why = why_not_peer_group(*wish.peer_group)) problems.emplace_back("/peer_group", *std::move(why));
  if (wish.password)
    if (auto why = why_not_text(*wish.password, password_bytes_min, password_bytes_max, TextRule::secret))
      problems.emplace_back("/password", *std::move(why));
  return problems;
}

// A not_found becomes a problem of its field; other errors pass.
template <class T>
Result<std::optional<T>> found(Result<T> lookup) {
  if (lookup) return std::optional<T>(*std::move(lookup));
  if (lookup.error().code == ErrorCode::not_found) return std::optional<T>{};
  return std::unexpected(std::move(lookup).error());
}

struct Prepared {
  store::Server server;
  std::string image_title;
  std::string plan_name;
};

// All rules that need the database. `tables` is a Snapshot or a Transaction: both read alike.
template <class Tables>
Result<Prepared> prepare(Tables& tables, store::Tenant const& tenant, NewServer const& wish, Moment now) {
  auto problems = why_not_wish(wish);
  auto const image = TRY(found(tables.images.find(wish.image)));
  auto const plan = TRY(found(tables.plans.find(wish.plan)));
  if (!image)
    problems.emplace_back("/image", FieldRule::no_such_image);
  else if (image->state != store::ImageState::ready)
    problems.emplace_back("/image", FieldRule::image_not_ready);
  if (!plan) problems.emplace_back("/plan", FieldRule::no_such_plan);
  auto const node = TRY(tables.nodes.local());
  if (image && plan) {
    if (!node.facts)
      return fail(ErrorCode::unavailable, "machine-unknown",
                  "The engine has not described this machine yet; try again in a moment.");
    for (auto& problem : why_not_fits(*plan, *image, *node.facts)) problems.push_back(std::move(problem));
  }
  if (!problems.empty()) return bad_fields(std::move(problems));
  TRY(admit(*plan, *node.facts, TRY(tables.servers.memory_promised(node.id))));
  if (TRY(tables.servers.name_taken(tenant.id, wish.name))) {
    Error taken{ErrorCode::conflict, "server-name-taken", "There is a server of that name already."};
    taken.fields.emplace_back("/name", FieldRule::taken);
    return std::unexpected(std::move(taken));
  }
  Prepared out;
  auto& server = out.server;
  server.id = ServerId::fresh();
  // Three random bytes: with a thousand servers, one in thirty installations sees two that are equal.
  while (TRY(tables.servers.mac_taken(node.id, mac_of(server.id)))) server.id = ServerId::fresh();
  server.tenant = tenant.id;
  server.node = node.id;
  server.name = wish.name;
  server.hostname = wish.hostname.value_or(hostname_from(wish.name));
  server.kind = image->kind;
  server.image = image->id;
  server.plan = plan->id;
  server.vcpus = plan->vcpus;
  server.memory = plan->memory;
  server.disk = plan->disk;
  server.mac = mac_of(server.id);
  server.wanted = wish.start ? store::WantedState::running : store::WantedState::stopped;
  server.seed.ssh_keys = wish.ssh_keys;
  server.created_at = now;
  out.image_title = image->title;
  out.plan_name = plan->name;
  return out;
}

}  // namespace

std::vector<FieldProblem> why_not_fits(store::Plan const& plan, store::Image const& image,
                                       store::NodeFacts const& machine) {
  std::vector<FieldProblem> problems;
  auto const add = [&](FieldRule rule, FieldParams params) {
    problems.emplace_back("/plan", Complaint{rule, std::move(params)});
  };
  auto const number = [](std::uint64_t n) { return static_cast<std::int64_t>(n); };
  if (plan.kind && *plan.kind != image.kind)
    add(FieldRule::plan_of_other_kind, {.allowed = {{boost::describe::enum_to_string(*plan.kind, "")}}});
  if (plan.vcpus > machine.cpus) add(FieldRule::plan_over_cpus, {.max = machine.cpus});
  if (plan.memory.count > machine.memory_bytes)
    add(FieldRule::plan_over_memory, {.max_bytes = number(machine.memory_bytes)});
  if (plan.disk.count > machine.storage_bytes)
    add(FieldRule::plan_over_disk, {.max_bytes = number(machine.storage_bytes)});
  if (plan.memory < image.min_memory)
    add(FieldRule::plan_memory_too_small, {.min_bytes = number(image.min_memory.count)});
  if (plan.disk < image.min_disk) add(FieldRule::plan_disk_too_small, {.min_bytes = number(image.min_disk.count)});
  return problems;
}

std::string hostname_from(std::string_view name) {
  constexpr std::size_t label_max = 63;
  std::string label;
  for (char c : name) {
    char const lower = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    bool const usable = (lower >= 'a' && lower <= 'z') || (lower >= '0' && lower <= '9');
    if (usable)
      label += lower;
    else if (!label.empty() && label.back() != '-')
      label += '-';
  }
  label.resize(std::min(label.size(), label_max));
  while (!label.empty() && label.back() == '-') label.pop_back();
  return label.empty() ? "server" : label;
}

std::string mac_of(ServerId const& server) {
  // The last digits of a UUIDv7 are random; 52:54:00 is QEMU's locally administered prefix.
  auto const hex = server.uuid_hex();
  auto const at = hex.size() - 6;
  return std::format("52:54:00:{}:{}:{}", hex.substr(at, 2), hex.substr(at + 2, 2), hex.substr(at + 4, 2));
}

Result<CreatedServer> create_server(Call& call, Granted<store::Tenant> const& tenant, NewServer const& wish) {
  std::optional<std::string> password_crypt;
  // Hashing takes milliseconds: not while the one writer waits.
  if (wish.password && why_not_wish(wish).empty()) password_crypt = TRY(crypt_password(*wish.password));
  return call.write([&](store::Transaction& tx) -> Result<CreatedServer> {
    auto server = TRY(prepare(tx, *tenant, wish, call.now)).server;
    server.seed.password_crypt = password_crypt;
    TRY(tx.servers.add(server));
    TRY(network::allocate_address(tx, server.node, server.id));
    if (wish.peer_group)
      TRY(tx.peer_groups.join(server.id, server.tenant,
                              TRY(tx.peer_groups.find_or_add(server.tenant, *wish.peer_group))));
    TRY(tx.events.add(events::ServerCreated{server.tenant, server.id, server.name}));
    auto const job = TRY(tx.jobs.enqueue(jobs::ServerCreate{server.tenant, server.id, server.name, wish.start}));
    return CreatedServer{job, server.id};
  });
}

Result<ServerView> check_new_server(Call& call, Granted<store::Tenant> const& tenant, NewServer const& wish) {
  return call.read([&](store::Snapshot& s) -> Result<ServerView> {
    auto prepared = TRY(prepare(s, *tenant, wish, call.now));
    bool free = false;
    ServerView view;
    for (auto const& pool : TRY(s.pools.on_node(prepared.server.node))) {
      auto const address =
          network::lowest_free(network::usable_range(pool.network, pool.prefix), TRY(s.pools.taken(pool.id)));
      if (!address) continue;
      free = true;
      view.address = ipv4_text(*address);
      break;
    }
    if (!free)
      return fail(ErrorCode::exhausted, "pool-empty",
                  "No address is free: the address pools of this machine are used up.");
    view.server = std::move(prepared.server);
    if (wish.peer_group) view.server.peer_group = store::PeerGroup{0, *wish.peer_group};  // its number is not taken yet
    view.image_title = std::move(prepared.image_title);
    view.plan_name = std::move(prepared.plan_name);
    view.state = ServerState::creating;
    return view;
  });
}

}  // namespace berth::compute
