// The facts that the panel tells: audit, browser stream, later webhooks and mail. Each names whom it concerns and has a
// sentence for the audit; without one `tx.events.add()` does not compile (store::AuditedEvent).
#pragma once

#include <string>
#include <string_view>

#include "firmware/base/ids.hpp"
#include "firmware/store/event_store.hpp"
#include "firmware/store/job_store.hpp"
#include "firmware/store/server_store.hpp"

namespace berth::events {

using store::EventSubject;

#define BERTH_EVENT(Name)                        \
  static constexpr std::string_view type = Name; \
  std::string audit_text() const;                \
  EventSubject subject() const

struct ServerCreated {
  TenantId tenant;
  ServerId server;
  std::string name;
  BERTH_EVENT("server.created");
};
// The creating job ended well.
struct ServerBuilt {
  TenantId tenant;
  ServerId server;
  std::string name;
  BERTH_EVENT("server.built");
};
struct ServerBuildFailed {
  TenantId tenant;
  ServerId server;
  std::string name;
  std::string reason;
  BERTH_EVENT("server.build_failed");
};
struct ServerPowerWished {
  TenantId tenant;
  ServerId server;
  std::string name;
  std::string act;  // "start"
  BERTH_EVENT("server.power_wished");
};
struct ServerStateChanged {
  TenantId tenant;
  ServerId server;
  std::string name;
  store::ObservedState before = store::ObservedState::unknown;
  store::ObservedState now = store::ObservedState::unknown;
  std::string reason;  // "" when there is none to tell
  BERTH_EVENT("server.state_changed");
};
struct ServerDrifted {
  TenantId tenant;
  ServerId server;
  std::string name;
  std::string drift;  // "" when it is right again
  BERTH_EVENT("server.drifted");
};
struct ServerRenamed {
  TenantId tenant;
  ServerId server;
  std::string before;
  std::string now;
  BERTH_EVENT("server.renamed");
};
// A peer group is told by its name; "": none.
struct ServerPeerGroupWished {
  TenantId tenant;
  ServerId server;
  std::string name;
  std::string before;
  std::string now;
  BERTH_EVENT("server.peer_group_wished");
};
// The engine knows it.
struct ServerPeerGroupChanged {
  TenantId tenant;
  ServerId server;
  std::string name;
  std::string now;
  BERTH_EVENT("server.peer_group_changed");
};
struct ServerDeletionWished {
  TenantId tenant;
  ServerId server;
  std::string name;
  BERTH_EVENT("server.deletion_wished");
};
struct ServerDeleted {
  TenantId tenant;
  ServerId server;
  std::string name;
  BERTH_EVENT("server.deleted");
};
struct ConsoleTicketIssued {
  TenantId tenant;
  ServerId server;
  std::string name;
  std::string kind;
  BERTH_EVENT("console.ticket_issued");
};

struct JobStepped {
  store::Job const& job;
  int step = 0;
  BERTH_EVENT("job.stepped");
};
struct JobFinished {
  store::Job const& job;
  store::JobState state = store::JobState::succeeded;
  std::string message;
  BERTH_EVENT("job.finished");
};
struct JobProgressed {
  store::Job const& job;
  int percent = 0;       // of the step under way
  std::string activity;  // "": it does not say
  BERTH_EVENT("job.progressed");
};
struct JobCancelWished {
  store::Job const& job;
  BERTH_EVENT("job.cancel_wished");
};
struct JobRetried {
  store::Job const& job;
  BERTH_EVENT("job.retried");
};

struct ImageRegistered {
  ImageId image;
  std::string name;
  BERTH_EVENT("image.registered");
};
struct ImageReady {
  ImageId image;
  std::string name;
  BERTH_EVENT("image.ready");
};
// It was ready, and the engine no longer has it.
struct ImageLost {
  ImageId image;
  std::string name;
  BERTH_EVENT("image.lost");
};
struct ImageImportFailed {
  ImageId image;
  std::string name;
  std::string reason;
  BERTH_EVENT("image.import_failed");
};

struct EngineLost {
  NodeId node;
  std::string reason;
  BERTH_EVENT("engine.lost");
};
struct EngineBack {
  NodeId node;
  BERTH_EVENT("engine.back");
};
// Somebody wants something of the machine itself; a job does it.
struct MachineWished {
  NodeId node;
  std::string wish;  // a sentence: "The machine is to be called berth-2."
  BERTH_EVENT("machine.wished");
};
// It said something else of itself than before.
struct MachineChanged {
  NodeId node;
  std::string what;  // "clock, network"
  BERTH_EVENT("machine.changed");
};
struct UpdatePolicyChanged {
  NodeId node;
  std::string policy;  // a sentence
  BERTH_EVENT("machine.update_policy_changed");
};
struct StrayGuestFound {
  NodeId node;
  std::string guest;
  BERTH_EVENT("guest.stray_found");
};

struct SetUpDone {
  UserId user;
  std::string name;
  BERTH_EVENT("system.set_up");
};
struct LanguageChosen {
  NodeId node;
  std::string language;
  BERTH_EVENT("system.language_chosen");
};
struct SignedIn {
  UserId user;
  std::string name;
  std::string address;
  BERTH_EVENT("user.signed_in");
};
struct SignInRefused {
  std::string name;  // as typed, shortened
  std::string address;
  BERTH_EVENT("user.sign_in_refused");
};
struct SignedOut {
  UserId user;
  std::string name;
  BERTH_EVENT("user.signed_out");
};
struct SessionRevoked {
  UserId user;
  std::string name;
  BERTH_EVENT("user.session_revoked");
};
struct PasswordChanged {
  UserId user;
  std::string name;
  BERTH_EVENT("user.password_changed");
};
struct PasswordReset {
  UserId user;
  std::string name;
  BERTH_EVENT("user.password_reset");
};
struct UserAdded {
  UserId user;
  std::string name;
  BERTH_EVENT("user.added");
};

#undef BERTH_EVENT

}  // namespace berth::events
