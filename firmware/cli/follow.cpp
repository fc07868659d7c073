#include "firmware/cli/follow.hpp"

#include <chrono>
#include <cstdio>
#include <format>
#include <thread>

#include "firmware/cli/output.hpp"

namespace berth::cli {
namespace {

constexpr std::chrono::milliseconds look_every{150};

json::array const& steps_of(json::object const& job) {
  static json::array const none;
  auto const* steps = job.if_contains("steps");
  auto const* list = steps == nullptr ? nullptr : steps->if_array();
  return list == nullptr ? none : *list;
}

std::string state_of(json::array const& steps, std::size_t i) {
  return i < steps.size() && steps[i].is_object() ? member_text(steps[i].get_object(), "state") : "pending";
}

bool is_over(std::string_view state) {
  return state == "succeeded" || state == "failed" || state == "undone" || state == "cancelled";
}

}  // namespace

std::vector<std::string> news_of(json::object const& before, json::object const& now) {
  std::vector<std::string> lines;
  auto const& then = steps_of(before);
  auto const& steps = steps_of(now);
  for (std::size_t i = 0; i < steps.size(); ++i) {
    auto const state = state_of(steps, i);
    if (state == state_of(then, i) || state == "pending" || state == "running") continue;
    lines.push_back(
        std::format("[{}/{}] {}: {}", i + 1, steps.size(), member_text(steps[i].as_object(), "name"), state));
  }
  return lines;
}

Result<json::value> follow_job(Client& client, std::string_view id) {
  auto const path = "/jobs/" + percent_encode(id);
  json::object before;
  for (;;) {
    auto job = TRY(client.get(path));
    if (!job.is_object()) return fail(ErrorCode::corrupt, "unexpected-answer", "the panel's answer is not a job");
    for (auto const& line : news_of(before, job.get_object())) std::fprintf(stderr, "%s\n", line.c_str());
    auto const state = member_text(job.get_object(), "state");
    if (state == "succeeded") return job;
    if (is_over(state)) {
      auto const reason = member_text(job.get_object(), "error.message");
      return fail(ErrorCode::cancelled, "job-failed",
                  std::format("the job is {}{}", state, reason == "-" ? "" : ": " + reason));
    }
    before = std::move(job.get_object());
    std::this_thread::sleep_for(look_every);
  }
}

}  // namespace berth::cli
