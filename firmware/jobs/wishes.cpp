#include "firmware/jobs/wishes.hpp"

#include "firmware/jobs/payload.hpp"
#include "firmware/jobs/types.hpp"

namespace berth::jobs {
namespace {

template <class W>
store::NewJob about_server(JobType const& type, std::string_view verb, W const& wish, ServerPayload payload) {
  payload.name = wish.name;
  if constexpr (requires { wish.wanted; }) payload.wanted = WantedPayload{wish.wanted.from, wish.wanted.to};
  store::NewJob job;
  job.type = type.name;
  job.title = std::string(verb) + " " + wish.name;
  job.tenant = wish.tenant;
  job.server = wish.server;
  job.payload = write_json(payload);
  job.steps = step_names(type);
  return job;
}

template <class W>
store::NewJob about_image(JobType const& type, std::string_view verb, W const& wish) {
  store::NewJob job;
  job.type = type.name;
  job.title = std::string(verb) + " " + wish.name;
  job.payload = write_json(ImagePayload{wish.image.str(), wish.name});
  job.steps = step_names(type);
  return job;
}

}  // namespace

store::NewJob ServerCreate::job() const {
  ServerPayload payload;
  payload.start = start;
  return about_server(server_create, "Create", *this, std::move(payload));
}

store::NewJob ServerStart::job() const {
  return about_server(server_start, "Start", *this, {});
}

store::NewJob ServerStop::job() const {
  ServerPayload payload;
  payload.timeout_s = timeout_s;
  payload.force = force;
  return about_server(server_stop, force ? "Power off" : "Shut down", *this, std::move(payload));
}

store::NewJob ServerRestart::job() const {
  ServerPayload payload;
  payload.timeout_s = timeout_s;
  return about_server(server_restart, "Restart", *this, std::move(payload));
}

store::NewJob ServerPause::job() const {
  return about_server(server_pause, "Pause", *this, {});
}
store::NewJob ServerResume::job() const {
  return about_server(server_resume, "Resume", *this, {});
}
store::NewJob ServerRegroup::job() const {
  ServerPayload payload;
  payload.peer_group = peer_group;
  return about_server(server_regroup, "Change the peer group of", *this, std::move(payload));
}
store::NewJob ServerDelete::job() const {
  return about_server(server_delete, "Delete", *this, {});
}

store::NewJob ImageImport::job() const {
  return about_image(image_import, "Import", *this);
}
store::NewJob ImageRemove::job() const {
  return about_image(image_remove, "Remove", *this);
}

bool is_same_wish(store::Job const& job, store::NewJob const& wish) {
  if (job.type != wish.type) return false;
  auto const one = payload_of<ServerPayload>(job.payload);
  auto const other = payload_of<ServerPayload>(wish.payload);
  return one && other && one->timeout_s == other->timeout_s && one->force == other->force;
}

bool is_by_force(store::Job const& job) {
  auto const payload = payload_of<ServerPayload>(job);
  return payload && payload->force;
}

}  // namespace berth::jobs
