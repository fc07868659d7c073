// Waiting for a job, with its steps as they go by.
#pragma once

#include "firmware/cli/client.hpp"

namespace berth::cli {

// Tells each finished step on standard error; returns the finished job. Errors: "job-failed" when it did not succeed.
Result<json::value> follow_job(Client& client, std::string_view job);

// What changed between two looks at a job: one line a step that is over now. Pure.
std::vector<std::string> news_of(json::object const& before, json::object const& now);

}  // namespace berth::cli
