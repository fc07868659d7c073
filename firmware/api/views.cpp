#include "firmware/api/account_views.hpp"
#include "firmware/api/host_views.hpp"
#include "firmware/api/job_views.hpp"
#include "firmware/api/server_views.hpp"

namespace berth::api::view {
namespace {

std::optional<std::string> unless_empty(std::string const& text) {
  if (text.empty()) return std::nullopt;
  return text;
}

}  // namespace

Server of(compute::ServerView const& from) {
  Server server;
  auto const& s = from.server;
  server.id = s.id;
  server.name = s.name;
  server.hostname = s.hostname;
  server.kind = s.kind;
  server.image = {s.image, from.image_title};
  server.plan = {s.plan, from.plan_name};
  server.vcpus = s.vcpus;
  server.memory_bytes = s.memory.count;
  server.disk_bytes = s.disk.count;
  server.address = from.address;
  server.mac = s.mac;
  if (s.peer_group) server.peer_group = s.peer_group->name;
  server.created_at = s.created_at;
  server.wanted = s.wanted;
  server.state = from.state;
  server.state_reason = from.state_reason;
  server.observed_at = from.observed_at;
  if (from.usage) {
    auto const& u = *from.usage;
    server.usage = {u.cpu_ns, u.memory_bytes, u.disk_bytes, u.rx_bytes, u.tx_bytes};
  }
  server.job = from.job;
  server.drift = from.drift;
  return server;
}

PeerGroupList of(std::vector<compute::PeerGroupView> const& groups) {
  PeerGroupList list;
  for (auto const& from : groups) {
    PeerGroup group{from.name, {}};
    for (auto const& m : from.members) group.members.push_back({m.server, m.name, unless_empty(m.address)});
    list.items.push_back(std::move(group));
  }
  return list;
}

Job of(services::JobView const& from) {
  Job job;
  auto const& j = from.job;
  job.id = j.id;
  job.type = j.type;
  job.title = j.title;
  job.server = j.server;
  job.state = j.state;
  for (auto const& step : j.steps) job.steps.push_back({step.name, step.state, step.started_at, step.finished_at});
  job.progress = from.progress;
  job.activity = unless_empty(j.activity);
  if (!j.error_slug.empty()) {
    auto& error = job.error.emplace(JobError{j.error_slug, j.error_message, {}});
    for (auto const& step : j.steps)
      if (step.state == StepState::failed) error.step = step.name;
  }
  job.created_at = j.created_at;
  job.started_at = j.started_at;
  job.finished_at = j.finished_at;
  job.can_cancel = from.can_cancel;
  job.can_retry = from.can_retry;
  return job;
}

User of(store::User const& user) {
  return {user.id, user.name, user.email, user.role, user.created_at};
}

Plan of(store::Plan const& plan) {
  return {plan.id, plan.name, plan.kind, plan.vcpus, plan.memory.count, plan.disk.count};
}

Image of(store::Image const& image) {
  return {image.id,
          image.name,
          image.title,
          image.kind,
          image.os,
          image.version,
          image.size.count,
          image.min_disk.count,
          image.min_memory.count,
          image.state,
          unless_empty(image.state_reason),
          unless_empty(image.login)};
}

Host of(services::HostOverview const& overview) {
  Host host;
  host.engine_ok = overview.node.engine_ok;
  host.engine_problem = unless_empty(overview.node.engine_problem);
  if (overview.node.facts) {
    auto const& facts = *overview.node.facts;
    host.hostname = facts.hostname;
    host.kernel = facts.kernel;
    host.cpus = facts.cpus;
    host.memory_bytes = facts.memory_bytes;
    host.memory_free_bytes = facts.memory_free_bytes;
    host.storage_bytes = facts.storage_bytes;
    host.storage_free_bytes = facts.storage_free_bytes;
    host.accelerator = facts.accelerator;
    host.accelerator_reason = facts.accelerator_reason;
    host.reflink = facts.reflink;
  }
  host.memory_promised_bytes = overview.memory_promised.count;
  host.memory_to_sell_bytes = overview.memory_to_sell.count;
  host.storage_full = overview.storage_full;
  host.pool = {overview.pool.addresses_total, overview.pool.addresses_free};
  return host;
}

}  // namespace berth::api::view
