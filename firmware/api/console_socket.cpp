#include "firmware/api/console_socket.hpp"

#include "firmware/api/problem.hpp"
#include "firmware/base/log.hpp"
#include "firmware/services/accounts/sessions.hpp"
#include "firmware/services/compute/console_tickets.hpp"

namespace berth::api {
namespace {

constexpr std::size_t typed_bytes_max = 64 * 1024;
constexpr std::size_t queue_bytes_max = 256 * 1024;

// {"resize":{"columns":80,"rows":24}}
struct ConsoleControl {
  contract::ConsoleSize resize;
};
BOOST_DESCRIBE_STRUCT(ConsoleControl, (), (resize))

// A console that cannot be shown: says why and closes.
class RefusedConsole final : public http::WebSocketSession {
 public:
  RefusedConsole(http::CloseCode code, std::string reason) : code_(code), reason_(std::move(reason)) {}
  void on_open(http::Sender sender) override { sender.close(code_, reason_); }
  void on_message(http::MessageKind, std::string_view) override {}
  void on_close() override {}

 private:
  http::CloseCode code_;
  std::string reason_;
};

class OpenConsole final : public http::WebSocketSession {
 public:
  OpenConsole(Panel& panel, contract::GuestId guest, Descriptor console, ConsolePump::StillAllowed allowed)
      : panel_(panel), guest_(std::move(guest)), console_(std::move(console)), allowed_(std::move(allowed)) {}

  void on_open(http::Sender sender) override {
    sender_.emplace(std::move(sender));
    auto link = panel_.consoles.add(std::move(console_), *sender_, std::move(allowed_));
    if (link)
      link_ = *link;
    else
      sender_->close(http::CloseCode::internal_error, to_problem(link.error()).detail.substr(0, 100));
  }

  void on_message(http::MessageKind kind, std::string_view bytes) override {
    if (kind == http::MessageKind::text) return control(bytes);
    if (link_ != 0 && !panel_.consoles.to_guest(link_, bytes))
      sender_->close(close_too_much, "the guest does not take that much");
  }

  void on_close() override {
    if (link_ != 0) panel_.consoles.remove(link_);
  }

 private:
  void control(std::string_view text) {
    auto const wish = read_json<ConsoleControl>(text);
    if (!wish) return sender_->close(http::CloseCode::invalid_data, "not a control message");
    auto const resized = panel_.engine.resize_console(guest_, wish->resize);
    if (!resized) log(LogLevel::info, "api", "a console was not resized", {{"error", describe(resized.error())}});
  }

  Panel& panel_;
  contract::GuestId guest_;
  Descriptor console_;
  ConsolePump::StillAllowed allowed_;
  std::optional<http::Sender> sender_;
  ConsolePump::LinkId link_ = 0;
};

Result<access::Actor> actor_of(Panel& panel, store::Ticket const& ticket) {
  if (!ticket.session) return access::Actor::local_administrator(panel.own_uid);
  return accounts::actor_of_session(panel.store, *ticket.session, panel.clock.now());
}

Result<void> check_right(Panel& panel, store::Ticket const& ticket) {
  access::Caller const caller{panel.store, TRY(actor_of(panel, ticket))};
  TRY(access::grant_server(caller, ticket.server, access::Permission::server_console));
  return {};
}

struct Opened {
  std::unique_ptr<http::WebSocketSession> session;
  std::string owner;
};

Result<Opened> open_console(Panel& panel, std::string_view secret) {
  services::Call call(panel.store, access::Actor::nobody(), panel.clock.now(), panel.settings);
  auto const ticket = TRY(compute::redeem_console_ticket(call, secret));
  TRY(check_right(panel, ticket));
  auto const guest = TRY(contract::GuestId::parse(dashed_uuid(ticket.server.uuid_hex())));
  auto const kind = ticket.kind == store::TicketKind::vnc ? contract::ConsoleKind::vnc : contract::ConsoleKind::serial;
  auto console = TRY(panel.engine.open_console(guest, kind));
  auto allowed = [&panel, ticket] { return check_right(panel, ticket).has_value(); };
  return Opened{std::make_unique<OpenConsole>(panel, guest, std::move(console), std::move(allowed)),
                ticket.user ? "user:" + ticket.user->str() : "local"};
}

std::unique_ptr<http::WebSocketSession> refusal(Error const& error) {
  // As in a problem document, which says nothing of what went wrong inside. A close frame holds 123 bytes.
  auto const reason = to_problem(error).detail.substr(0, 100);
  if (status_of(error) == 500) log(LogLevel::warning, "api", "a console did not open", {{"reason", describe(error)}});
  switch (error.code) {
    case ErrorCode::not_found:
      if (error.slug != "guest-not-found") return std::make_unique<RefusedConsole>(close_bad_ticket, reason);
      [[fallthrough]];
    case ErrorCode::conflict:
      return std::make_unique<RefusedConsole>(close_guest_stopped, reason);
    case ErrorCode::forbidden:
    case ErrorCode::unauthenticated:
      return std::make_unique<RefusedConsole>(close_right_withdrawn, reason);
    default:
      return std::make_unique<RefusedConsole>(http::CloseCode::internal_error, reason);
  }
}

}  // namespace

bool is_same_origin(std::string_view origin, std::string_view host) {
  constexpr std::string_view scheme = "https://";
  constexpr std::string_view default_port = ":443";
  if (!origin.starts_with(scheme)) return false;
  origin.remove_prefix(scheme.size());
  auto const bare = [&](std::string_view name) {
    return name.ends_with(default_port) ? name.substr(0, name.size() - default_port.size()) : name;
  };
  return !host.empty() && bare(origin) == bare(host);
}

bool offers_subprotocol(std::string_view field, std::string_view protocol) {
  while (!field.empty()) {
    auto const comma = field.find(',');
    auto one = field.substr(0, comma);
    field = comma == std::string_view::npos ? std::string_view{} : field.substr(comma + 1);
    while (!one.empty() && (one.front() == ' ' || one.front() == '\t')) one.remove_prefix(1);
    while (!one.empty() && (one.back() == ' ' || one.back() == '\t')) one.remove_suffix(1);
    if (one == protocol) return true;
  }
  return false;
}

Result<http::AcceptedWebSocket> accept_console(Panel& panel, http::Request const& request) {
  // A page of another site may open WebSockets to us with the browser's cookies: only our own pages may.
  if (!request.local_peer && !is_same_origin(request.headers.find("Origin").value_or(""), request.host))
    return fail(ErrorCode::forbidden, "wrong-origin", "Consoles open only from the panel's own pages.");
  auto const secret = http::query_parameter(request.query, "ticket");
  http::AcceptedWebSocket accepted;
  accepted.message_bytes_max = typed_bytes_max;
  accepted.queue_bytes_max = queue_bytes_max;
  if (auto const offered = request.headers.find("Sec-WebSocket-Protocol");
      offered && offers_subprotocol(*offered, "binary"))
    accepted.subprotocol = "binary";
  auto opened = open_console(panel, secret.value_or(""));
  if (opened) {
    accepted.session = std::move(opened->session);
    accepted.owner = std::move(opened->owner);
  } else {
    accepted.session = refusal(opened.error());
    accepted.owner = "refused:" + request.peer.ip;
  }
  return accepted;
}

}  // namespace berth::api
