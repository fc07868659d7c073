#include "firmware/app/first_start.hpp"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <format>
#include <memory>
#include <vector>

#include "firmware/http/certificate.hpp"

namespace berth::app {
namespace {

// "" when the machine has none, or one that no certificate and no address bar takes ("my_box").
std::string hostname() {
  std::array<char, 256> name{};
  if (::gethostname(name.data(), name.size() - 1) != 0 || !http::is_host_name(name.data())) return "";
  return name.data();
}

bool is_every_address(std::string_view address) {
  return address == "0.0.0.0" || address == "::";
}

// The addresses under which this machine can be reached now.
std::vector<std::string> own_addresses() {
  std::vector<std::string> addresses;
  ifaddrs* list = nullptr;
  if (::getifaddrs(&list) != 0) return addresses;
  std::unique_ptr<ifaddrs, decltype(&::freeifaddrs)> const owned(list, &::freeifaddrs);
  for (auto const* entry = list; entry != nullptr; entry = entry->ifa_next) {
    if (entry->ifa_addr == nullptr) continue;
    std::array<char, INET6_ADDRSTRLEN> text{};
    void const* bytes = nullptr;
    if (entry->ifa_addr->sa_family == AF_INET) {
      bytes = &reinterpret_cast<sockaddr_in const*>(entry->ifa_addr)->sin_addr;
    } else if (entry->ifa_addr->sa_family == AF_INET6) {
      auto const& six = reinterpret_cast<sockaddr_in6 const*>(entry->ifa_addr)->sin6_addr;
      if (IN6_IS_ADDR_LINKLOCAL(&six)) continue;
      bytes = &six;
    }
    if (bytes == nullptr || ::inet_ntop(entry->ifa_addr->sa_family, bytes, text.data(), text.size()) == nullptr)
      continue;
    addresses.emplace_back(text.data());
  }
  return addresses;
}

// Under which others reach this machine when it listens everywhere.
std::string own_name() {
  if (auto name = hostname(); !name.empty()) return name;
  for (auto& address : own_addresses())
    if (!address.starts_with("127.") && address != "::1") return std::move(address);
  return "localhost";
}

}  // namespace

Result<void> ensure_state_folder(std::filesystem::path const& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) return fail_errno(error.value(), "cannot make " + folder.string());
  struct stat status{};
  if (::stat(folder.c_str(), &status) != 0) return fail_errno(errno, "cannot look at " + folder.string());
  if (status.st_uid != ::geteuid())
    return fail(ErrorCode::io, "state-not-ours",
                folder.string() + " belongs to another user; it must belong to the one berthd runs as");
  if (::chmod(folder.c_str(), 0700) != 0) return fail_errno(errno, "cannot protect " + folder.string());
  return {};
}

Result<Certificate> ensure_certificate(std::filesystem::path const& folder, std::string_view listen_address) {
  TRY(ensure_state_folder(folder));
  Certificate certificate{folder / "panel.pem", folder / "panel.key", {}};
  std::error_code error;
  bool const there =
      std::filesystem::exists(certificate.chain, error) && std::filesystem::exists(certificate.key, error);
  // A pair of ours that a crash has half replaced is made anew; what somebody put there is theirs to repair.
  bool const torn = there && TRY(http::summarize_certificate(certificate.chain)).ours &&
                    !TRY(http::is_pair(certificate.chain, certificate.key));
  if (there && !torn && !TRY(http::is_due_for_renewal(certificate.chain, std::chrono::system_clock::now()))) {
    certificate.fingerprint = TRY(http::certificate_fingerprint(certificate.chain));
    return certificate;
  }
  std::vector<std::string> names;
  if (is_every_address(listen_address))
    names = own_addresses();
  else
    names.emplace_back(listen_address);
  auto made = TRY(http::make_self_signed(certificate.chain, certificate.key, hostname(), names));
  certificate.fingerprint = std::move(made.fingerprint);
  return certificate;
}

std::string public_url(std::string_view listen_address, std::uint16_t port) {
  std::string host(listen_address);
  if (is_every_address(listen_address)) host = own_name();
  if (host.contains(':')) host = "[" + host + "]";
  return port == 443 ? std::format("https://{}/", host) : std::format("https://{}:{}/", host, port);
}

}  // namespace berth::app
