#include "firmware/connectors/https_channel.hpp"

#include <curl/curl.h>
#include <netinet/in.h>
#include <sodium.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <format>
#include <memory>
#include <optional>

#include "firmware/base/json.hpp"
#include "firmware/base/log.hpp"
#include "firmware/base/random.hpp"

namespace berth::connectors {
namespace {

using jobs::Offer;

constexpr std::size_t description_bytes_max = 64 << 10;
constexpr long connect_seconds_max = 20;
constexpr long description_seconds_max = 60;
constexpr long fetch_seconds_max = 4 * 3600;
// Slower than this for so long is no download any more.
constexpr long slow_bytes_a_second = 1024;
constexpr long slow_seconds = 60;

struct Description {
  Text<1, 64> version;
  Text<1, 200> file;
  Text<64, 64> sha256;
  Number<1, (1LL << 30)> size_bytes;
};
BOOST_DESCRIBE_STRUCT(Description, (), (version, file, sha256, size_bytes))

std::unexpected<Error> malformed() {
  return fail(ErrorCode::corrupt, "channel-malformed", "The update channel's description cannot be read.");
}

// One transfer, and what its callbacks need.
struct Transfer {
  jobs::UpdateChannel::Sink sink;
  std::uint64_t bytes_max = 0;
  bool loopback_allowed = false;
  std::uint64_t got = 0;
  std::optional<Error> failure;

  Result<void> take(std::string_view bytes) {
    if (bytes.size() > bytes_max - got)
      return fail(ErrorCode::too_large, "channel-too-large", "The update channel sends more than it said.");
    got += bytes.size();
    return sink(bytes);
  }
};

std::size_t on_bytes(char* bytes, std::size_t size, std::size_t count, void* user) {
  auto& transfer = *static_cast<Transfer*>(user);
  auto done = transfer.take({bytes, size * count});
  if (done) return size * count;
  transfer.failure = std::move(done).error();
  return 0;  // ends the transfer with CURLE_WRITE_ERROR
}

// Before anything is connected: on the address itself, whatever name it had.
curl_socket_t on_open(void* user, curlsocktype, curl_sockaddr* address) {
  auto& transfer = *static_cast<Transfer*>(user);
  std::string_view bytes;
  if (address->family == AF_INET)
    bytes = {reinterpret_cast<char const*>(&reinterpret_cast<sockaddr_in const&>(address->addr).sin_addr), 4};
  else if (address->family == AF_INET6)
    bytes = {reinterpret_cast<char const*>(&reinterpret_cast<sockaddr_in6 const&>(address->addr).sin6_addr), 16};
  if (is_forbidden_address(bytes, transfer.loopback_allowed)) {
    transfer.failure = Error{ErrorCode::forbidden, "channel-refused",
                             "The update channel's address is this machine's own or nobody's."};
    return CURL_SOCKET_BAD;
  }
  return ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

using Handle = std::unique_ptr<CURL, decltype([](CURL* handle) { curl_easy_cleanup(handle); })>;

Result<void> get(ChannelOptions const& options, std::string const& url, long seconds_max, Transfer& transfer) {
  Handle const handle(curl_easy_init());
  if (!handle) return fail(ErrorCode::internal, "no-curl", "The program that fetches updates could not start.");
  auto* const h = handle.get();
  transfer.loopback_allowed = !options.test_authority.empty();
  std::array<char, CURL_ERROR_SIZE> words{};
  curl_easy_setopt(h, CURLOPT_URL, url.c_str());
  curl_easy_setopt(h, CURLOPT_PROTOCOLS_STR, "https");
  curl_easy_setopt(h, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(h, CURLOPT_PROXY, "");
  curl_easy_setopt(h, CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
  curl_easy_setopt(h, CURLOPT_SSL_VERIFYPEER, 1L);
  curl_easy_setopt(h, CURLOPT_SSL_VERIFYHOST, 2L);
  if (!options.test_authority.empty()) curl_easy_setopt(h, CURLOPT_CAINFO, options.test_authority.c_str());
  curl_easy_setopt(h, CURLOPT_FAILONERROR, 1L);
  curl_easy_setopt(h, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(h, CURLOPT_CONNECTTIMEOUT, connect_seconds_max);
  curl_easy_setopt(h, CURLOPT_TIMEOUT, seconds_max);
  curl_easy_setopt(h, CURLOPT_LOW_SPEED_LIMIT, slow_bytes_a_second);
  curl_easy_setopt(h, CURLOPT_LOW_SPEED_TIME, slow_seconds);
  curl_easy_setopt(h, CURLOPT_USERAGENT, "berth");
  curl_easy_setopt(h, CURLOPT_ERRORBUFFER, words.data());
  curl_easy_setopt(h, CURLOPT_WRITEFUNCTION, &on_bytes);
  curl_easy_setopt(h, CURLOPT_WRITEDATA, &transfer);
  curl_easy_setopt(h, CURLOPT_OPENSOCKETFUNCTION, &on_open);
  curl_easy_setopt(h, CURLOPT_OPENSOCKETDATA, &transfer);
  auto const code = curl_easy_perform(h);
  if (transfer.failure) return std::unexpected(*std::move(transfer.failure));
  if (code == CURLE_OK) return {};
  log(LogLevel::notice, "connectors", "the update channel could not be read",
      {{"url", url}, {"reason", words[0] != '\0' ? words.data() : curl_easy_strerror(code)}});
  // Not `unavailable`: whoever asked is told at once, and asks again when it suits.
  return fail(ErrorCode::conflict, "channel-unreachable",
              std::format("The update channel cannot be read: {}.", curl_easy_strerror(code)));
}

bool is_file_name(std::string_view name) {
  return name.front() != '.' && std::ranges::all_of(name, [](unsigned char c) {
           return std::isalnum(c) != 0 || std::string_view("._-+~").contains(static_cast<char>(c));
         });
}

}  // namespace

bool is_forbidden_address(std::string_view bytes, bool loopback_allowed) {
  auto const at = [&](std::size_t i) { return static_cast<unsigned char>(bytes[i]); };
  if (bytes.size() == 16) {
    auto const mapped = std::string_view("\0\0\0\0\0\0\0\0\0\0\xff\xff", 12);
    if (bytes.starts_with(mapped)) return is_forbidden_address(bytes.substr(12), loopback_allowed);
    bool const zeros = bytes.substr(0, 15) == std::string_view("\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 15);
    if (zeros && at(15) == 1) return !loopback_allowed;
    bool const link_local = at(0) == 0xfe && (at(1) & 0xc0) == 0x80;
    return zeros || link_local || at(0) == 0xff;
  }
  if (bytes.size() != 4) return true;
  if (at(0) == 127) return !loopback_allowed;
  bool const link_local = at(0) == 169 && at(1) == 254;
  return at(0) == 0 || link_local || at(0) >= 224;
}

Result<Offer> read_offer(std::string_view text) {
  auto const json = parse_json(text);
  if (!json || !json->is_object()) return malformed();
  // A later release may say more than this one reads.
  json::object known;
  for (auto const* name : {"version", "file", "sha256", "size_bytes"})
    if (auto const* value = json->get_object().if_contains(name)) known[name] = *value;
  auto const said = from_json<Description>(known);
  if (!said || !is_file_name(said->file)) return malformed();
  if (!std::ranges::all_of(said->sha256.str(), [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); }))
    return malformed();
  return Offer{said->version.str(), said->file.str(), said->sha256.str(),
               static_cast<std::uint64_t>(said->size_bytes.value)};
}

HttpsChannel::HttpsChannel(ChannelOptions options) : options_(std::move(options)) {
  curl_global_init(CURL_GLOBAL_DEFAULT);
}

Result<Offer> HttpsChannel::offer(std::string const& folder_url, std::string const& board) {
  std::string text;
  Transfer transfer;
  transfer.bytes_max = description_bytes_max;
  transfer.sink = [&](std::string_view bytes) -> Result<void> {
    text += bytes;
    return {};
  };
  TRY(get(options_, folder_url + board + ".json", description_seconds_max, transfer));
  return read_offer(text);
}

Result<void> HttpsChannel::fetch(std::string const& folder_url, Offer const& offer, Sink const& sink) {
  crypto_hash_sha256_state digest;
  crypto_hash_sha256_init(&digest);
  Transfer transfer;
  transfer.bytes_max = offer.size_bytes;
  transfer.sink = [&](std::string_view bytes) -> Result<void> {
    crypto_hash_sha256_update(&digest, reinterpret_cast<unsigned char const*>(bytes.data()), bytes.size());
    return sink(bytes);
  };
  TRY(get(options_, folder_url + offer.file, fetch_seconds_max, transfer));
  std::array<unsigned char, crypto_hash_sha256_BYTES> sum{};
  crypto_hash_sha256_final(&digest, sum.data());
  if (transfer.got != offer.size_bytes || hex(sum) != offer.sha256)
    return fail(ErrorCode::corrupt, "update-damaged", "What the update channel sent is not what it described.");
  return {};
}

}  // namespace berth::connectors
