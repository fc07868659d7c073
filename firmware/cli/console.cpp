// berth server console: a server's serial console in this terminal, over a WebSocket (libcurl, curl_ws_send(3)).
#include <curl/curl.h>
#include <poll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <format>
#include <memory>

#include "firmware/base/descriptor.hpp"
#include "firmware/cli/commands.hpp"
#include "firmware/cli/terminal.hpp"

namespace berth::cli {
namespace {

constexpr char leave_key = 0x1d;  // Ctrl-]

std::string closing_words(std::string_view frame) {
  if (frame.size() < 2) return "the console was closed";
  auto const code = static_cast<unsigned char>(frame[0]) * 256 + static_cast<unsigned char>(frame[1]);
  auto const reason = printable(frame.substr(2));
  return std::format("the console was closed: {}", reason.empty() ? std::format("code {}", code) : reason);
}

class ConsoleSocket {
 public:
  static Result<ConsoleSocket> open(std::string const& socket, std::string const& path) {
    ConsoleSocket made(curl_easy_init());
    auto* handle = made.handle_.get();
    if (handle == nullptr) return fail(ErrorCode::internal, "curl", "libcurl cannot be set up");
    auto const url = "ws://localhost" + path;
    made.headers_.reset(curl_slist_append(nullptr, "Sec-WebSocket-Protocol: binary"));
    curl_easy_setopt(handle, CURLOPT_URL, url.c_str());
    curl_easy_setopt(handle, CURLOPT_UNIX_SOCKET_PATH, socket.c_str());
    curl_easy_setopt(handle, CURLOPT_PROXY, "");
    curl_easy_setopt(handle, CURLOPT_HTTPHEADER, made.headers_.get());
    curl_easy_setopt(handle, CURLOPT_CONNECT_ONLY, 2L);
    curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
    if (auto const done = curl_easy_perform(handle); done != CURLE_OK)
      return fail(ErrorCode::unavailable, "console-refused",
                  std::format("the console cannot be opened: {}", curl_easy_strerror(done)));
    return made;
  }

  int descriptor() const {
    curl_socket_t fd = CURL_SOCKET_BAD;
    curl_easy_getinfo(handle_.get(), CURLINFO_ACTIVESOCKET, &fd);
    return fd;
  }

  Result<void> send(std::string_view bytes, unsigned kind) {
    while (!bytes.empty()) {
      std::size_t sent = 0;
      auto const done = curl_ws_send(handle_.get(), bytes.data(), bytes.size(), &sent, 0, kind);
      bytes.remove_prefix(sent);
      if (done == CURLE_AGAIN) {
        pollfd writable{descriptor(), POLLOUT, 0};
        ::poll(&writable, 1, -1);
      } else if (done != CURLE_OK) {
        return fail(ErrorCode::unavailable, "console-lost", "the console was lost");
      }
    }
    return {};
  }

  // What has arrived; writes it out. False: nothing more for now. Errors: how it was closed.
  Result<bool> receive() {
    std::array<char, 16384> buffer;
    std::size_t got = 0;
    curl_ws_frame const* frame = nullptr;
    auto const done = curl_ws_recv(handle_.get(), buffer.data(), buffer.size(), &got, &frame);
    if (done == CURLE_AGAIN) return false;
    if (done != CURLE_OK || frame == nullptr)
      return fail(ErrorCode::unavailable, "console-lost", "the console was lost");
    std::string_view const bytes(buffer.data(), got);
    if ((frame->flags & CURLWS_CLOSE) != 0) return fail(ErrorCode::conflict, "console-closed", closing_words(bytes));
    if ((frame->flags & (CURLWS_BINARY | CURLWS_TEXT | CURLWS_CONT)) != 0) {
      std::fwrite(bytes.data(), 1, bytes.size(), stdout);
      std::fflush(stdout);
    }
    return true;
  }

 private:
  struct Free {
    void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
  };
  struct FreeList {
    void operator()(curl_slist* list) const { curl_slist_free_all(list); }
  };
  explicit ConsoleSocket(CURL* handle) : handle_(handle) {}
  std::unique_ptr<curl_slist, FreeList> headers_;
  std::unique_ptr<CURL, Free> handle_;
};

Result<void> send_size(ConsoleSocket& socket) {
  auto const size = terminal_size();
  if (!size) return {};
  return socket.send(std::format(R"({{"resize":{{"columns":{},"rows":{}}}}})", size->columns, size->rows), CURLWS_TEXT);
}

// Passes on what was typed. False: the person leaves.
Result<bool> pass_keys(ConsoleSocket& socket, bool is_terminal) {
  std::array<char, 4096> typed;
  auto const got = ::read(STDIN_FILENO, typed.data(), typed.size());
  if (got < 0 && errno == EINTR) return true;
  if (got <= 0) return false;
  std::string_view const bytes(typed.data(), static_cast<std::size_t>(got));
  auto const leave = is_terminal ? bytes.find(leave_key) : std::string_view::npos;
  TRY(socket.send(bytes.substr(0, leave), CURLWS_BINARY));
  return leave == std::string_view::npos;
}

Result<void> carry(ConsoleSocket& socket) {
  sigset_t resized;
  sigemptyset(&resized);
  sigaddset(&resized, SIGWINCH);
  ::pthread_sigmask(SIG_BLOCK, &resized, nullptr);
  Descriptor const signals(::signalfd(-1, &resized, SFD_CLOEXEC | SFD_NONBLOCK));
  RawTerminal const terminal;
  TRY(send_size(socket));
  for (;;) {
    while (TRY(socket.receive())) {
    }
    std::array<pollfd, 3> waiting{
        {{STDIN_FILENO, POLLIN, 0}, {socket.descriptor(), POLLIN, 0}, {signals.get(), POLLIN, 0}}};
    if (::poll(waiting.data(), waiting.size(), -1) < 0 && errno != EINTR)
      return fail_errno(errno, "waiting for the console");
    if ((waiting[2].revents & POLLIN) != 0) {
      signalfd_siginfo info{};
      if (::read(signals.get(), &info, sizeof info) == sizeof info) TRY(send_size(socket));
    }
    if ((waiting[0].revents & (POLLIN | POLLHUP)) != 0 && !TRY(pass_keys(socket, terminal.is_terminal()))) return {};
  }
}

Result<void> show_console(Client& client, std::string const& name) {
  auto const id = TRY(server_id(client, name));
  auto const ticket = TRY(client.post("/servers/" + id + "/console-tickets", json::object{{"kind", "serial"}}));
  auto socket = TRY(ConsoleSocket::open(client.socket(), member_text(ticket.as_object(), "url")));
  if (::isatty(STDIN_FILENO) != 0) std::fprintf(stderr, "Connected to %s. Ctrl-] leaves.\n", printable(name).c_str());
  auto const ended = carry(socket);
  if (::isatty(STDIN_FILENO) != 0) std::fputs("\n", stderr);
  return ended;
}

}  // namespace

void add_console_command(CLI::App& server, Session& session) {
  auto* console = server.add_subcommand("console", "A server's serial console in this terminal; Ctrl-] leaves");
  auto name = std::make_shared<std::string>();
  console->add_option("SERVER", *name, "name or id")->required();
  console->callback([&session, name] { session.act = [name](Client& client) { return show_console(client, *name); }; });
}

}  // namespace berth::cli
