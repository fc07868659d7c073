// The jobs that services ask for: `tx.jobs.enqueue(jobs::ServerStart{...})`.
#pragma once

#include <string>

#include "firmware/base/ids.hpp"
#include "firmware/store/job_store.hpp"
#include "firmware/store/server_store.hpp"

namespace berth::jobs {

// Of the server's wanted state. A job that comes to nothing puts `from` back.
struct WantedChange {
  store::WantedState from;
  store::WantedState to;
};

struct ServerCreate {
  TenantId tenant;
  ServerId server;
  std::string name;
  bool start = true;
  store::NewJob job() const;
};

struct ServerStart {
  TenantId tenant;
  ServerId server;
  std::string name;
  WantedChange wanted;
  store::NewJob job() const;
};

struct ServerStop {
  TenantId tenant;
  ServerId server;
  std::string name;
  WantedChange wanted;
  int timeout_s = 60;
  bool force = false;  // power off: at once when timeout_s is 0
  store::NewJob job() const;
};

struct ServerRestart {
  TenantId tenant;
  ServerId server;
  std::string name;
  WantedChange wanted;
  int timeout_s = 60;
  store::NewJob job() const;
};

struct ServerPause {
  TenantId tenant;
  ServerId server;
  std::string name;
  WantedChange wanted;
  store::NewJob job() const;
};

struct ServerResume {
  TenantId tenant;
  ServerId server;
  std::string name;
  WantedChange wanted;
  store::NewJob job() const;
};

struct ServerRegroup {
  TenantId tenant;
  ServerId server;
  std::string name;
  std::string peer_group;  // to be in; "": in none. The store knows it already
  store::NewJob job() const;
};

struct ServerDelete {
  TenantId tenant;
  ServerId server;
  std::string name;
  WantedChange wanted;
  store::NewJob job() const;
};

struct ImageImport {
  ImageId image;
  std::string name;
  store::NewJob job() const;
};

struct ImageRemove {
  ImageId image;
  std::string name;
  store::NewJob job() const;
};

// Whether a job of a server was asked for by the same wish, whatever the server was before.
bool is_same_wish(store::Job const& job, store::NewJob const& wish);
// Whether a job cuts the power instead of asking the guest.
bool is_by_force(store::Job const& job);

}  // namespace berth::jobs
