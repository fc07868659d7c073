#include "firmware/events/event.hpp"

#include <format>

namespace berth::events {
namespace {

EventSubject about_server(TenantId const& tenant, ServerId const& server) {
  EventSubject subject{server.str()};
  subject.tenant = tenant;
  subject.server = server;
  return subject;
}

EventSubject about_user(UserId const& user) {
  EventSubject subject{user.str()};
  subject.user = user;
  return subject;
}

EventSubject about_job(store::Job const& job) {
  EventSubject subject{job.id.str()};
  subject.tenant = job.tenant;
  subject.server = job.server;
  subject.job = job.id;
  return subject;
}

}  // namespace

std::string ServerCreated::audit_text() const {
  return std::format("The server {} was ordered.", name);
}
EventSubject ServerCreated::subject() const {
  return about_server(tenant, server);
}

std::string ServerBuilt::audit_text() const {
  return std::format("The server {} is ready.", name);
}
EventSubject ServerBuilt::subject() const {
  return about_server(tenant, server);
}

std::string ServerBuildFailed::audit_text() const {
  return std::format("The server {} could not be made: {}", name, reason);
}
EventSubject ServerBuildFailed::subject() const {
  return about_server(tenant, server);
}

std::string ServerPowerWished::audit_text() const {
  return std::format("The server {} was told to {}.", name, act);
}
EventSubject ServerPowerWished::subject() const {
  return about_server(tenant, server);
}

std::string ServerStateChanged::audit_text() const {
  auto text = std::format("The server {} is {} (was {})", name, boost::describe::enum_to_string(now, ""),
                          boost::describe::enum_to_string(before, ""));
  return text + (reason.empty() ? "." : ": " + reason + ".");
}
EventSubject ServerStateChanged::subject() const {
  return about_server(tenant, server);
}

std::string ServerDrifted::audit_text() const {
  if (drift.empty()) return std::format("The server {} is again what the panel made it.", name);
  return std::format("The server {} was changed behind the panel's back: {}", name, drift);
}
EventSubject ServerDrifted::subject() const {
  return about_server(tenant, server);
}

std::string ServerRenamed::audit_text() const {
  return std::format("The server {} was renamed to {}.", before, now);
}
EventSubject ServerRenamed::subject() const {
  return about_server(tenant, server);
}

std::string ServerPeerGroupWished::audit_text() const {
  if (now.empty()) return std::format("The server {} is to leave the peer group {}.", name, before);
  if (before.empty()) return std::format("The server {} is to join the peer group {}.", name, now);
  return std::format("The server {} is to go from the peer group {} to {}.", name, before, now);
}
EventSubject ServerPeerGroupWished::subject() const {
  return about_server(tenant, server);
}

std::string ServerPeerGroupChanged::audit_text() const {
  if (now.empty()) return std::format("The server {} is in no peer group now.", name);
  return std::format("The server {} is in the peer group {} now.", name, now);
}
EventSubject ServerPeerGroupChanged::subject() const {
  return about_server(tenant, server);
}

std::string ServerDeletionWished::audit_text() const {
  return std::format("The server {} is to be deleted.", name);
}
EventSubject ServerDeletionWished::subject() const {
  return about_server(tenant, server);
}

std::string ServerDeleted::audit_text() const {
  return std::format("The server {} was deleted.", name);
}
EventSubject ServerDeleted::subject() const {
  return about_server(tenant, server);
}

std::string ConsoleTicketIssued::audit_text() const {
  return std::format("A {} console of the server {} was asked for.", kind, name);
}
EventSubject ConsoleTicketIssued::subject() const {
  return about_server(tenant, server);
}

std::string JobStepped::audit_text() const {
  auto const at = static_cast<std::size_t>(step);
  return std::format("{}: {}.", job.title, at < job.steps.size() ? job.steps[at].name : "working");
}
EventSubject JobStepped::subject() const {
  return about_job(job);
}

std::string JobFinished::audit_text() const {
  auto text = std::format("{}: {}.", job.title, boost::describe::enum_to_string(state, ""));
  if (!message.empty()) text += " " + message;
  return text;
}
EventSubject JobFinished::subject() const {
  return about_job(job);
}

std::string JobProgressed::audit_text() const {
  return std::format("{}: {} ({} %).", job.title, activity.empty() ? "working" : activity, percent);
}
EventSubject JobProgressed::subject() const {
  return about_job(job);
}

std::string JobCancelWished::audit_text() const {
  return std::format("{}: asked to stop.", job.title);
}
EventSubject JobCancelWished::subject() const {
  return about_job(job);
}

std::string JobRetried::audit_text() const {
  return std::format("{}: tried again.", job.title);
}
EventSubject JobRetried::subject() const {
  return about_job(job);
}

std::string ImageRegistered::audit_text() const {
  return std::format("The image {} was registered.", name);
}
EventSubject ImageRegistered::subject() const {
  return {image.str()};
}

std::string ImageReady::audit_text() const {
  return std::format("The image {} is ready.", name);
}
EventSubject ImageReady::subject() const {
  return {image.str()};
}

std::string ImageLost::audit_text() const {
  return std::format("The engine has lost the image {}; it is imported again.", name);
}
EventSubject ImageLost::subject() const {
  return {image.str()};
}

std::string ImageImportFailed::audit_text() const {
  return std::format("The image {} could not be imported: {}", name, reason);
}
EventSubject ImageImportFailed::subject() const {
  return {image.str()};
}

std::string EngineLost::audit_text() const {
  return std::format("The engine does not answer: {}", reason);
}
EventSubject EngineLost::subject() const {
  return {node.str()};
}

std::string EngineBack::audit_text() const {
  return "The engine answers again.";
}
EventSubject EngineBack::subject() const {
  return {node.str()};
}

std::string MachineWished::audit_text() const {
  return wish;
}
EventSubject MachineWished::subject() const {
  return {node.str()};
}

std::string MachineChanged::audit_text() const {
  return std::format("The machine was seen to have changed: {}.", what);
}
EventSubject MachineChanged::subject() const {
  return {node.str()};
}

std::string UpdatePolicyChanged::audit_text() const {
  return policy;
}
EventSubject UpdatePolicyChanged::subject() const {
  return {node.str()};
}

std::string StrayGuestFound::audit_text() const {
  return std::format("There is a guest that the panel did not make: {}.", guest);
}
EventSubject StrayGuestFound::subject() const {
  return {node.str()};
}

std::string SetUpDone::audit_text() const {
  return std::format("The panel was set up; {} is its administrator.", name);
}
EventSubject SetUpDone::subject() const {
  return about_user(user);
}

std::string LanguageChosen::audit_text() const {
  return std::format("The panel speaks '{}' to whoever has chosen no language.", language);
}
EventSubject LanguageChosen::subject() const {
  return {node.str()};
}

std::string SignedIn::audit_text() const {
  return std::format("{} signed in from {}.", name, address);
}
EventSubject SignedIn::subject() const {
  return about_user(user);
}

std::string SignInRefused::audit_text() const {
  return std::format("Signing in as {} from {} was refused.", name, address);
}
EventSubject SignInRefused::subject() const {
  return {address};
}

std::string SignedOut::audit_text() const {
  return std::format("{} signed out.", name);
}
EventSubject SignedOut::subject() const {
  return about_user(user);
}

std::string SessionRevoked::audit_text() const {
  return std::format("A session of {} was ended.", name);
}
EventSubject SessionRevoked::subject() const {
  return about_user(user);
}

std::string PasswordChanged::audit_text() const {
  return std::format("{} changed the password.", name);
}
EventSubject PasswordChanged::subject() const {
  return about_user(user);
}

std::string PasswordReset::audit_text() const {
  return std::format("The password of {} was reset.", name);
}
EventSubject PasswordReset::subject() const {
  return about_user(user);
}

std::string UserAdded::audit_text() const {
  return std::format("The user {} was added.", name);
}
EventSubject UserAdded::subject() const {
  return about_user(user);
}

}  // namespace berth::events
