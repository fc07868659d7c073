// Jobs as they are shown.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "firmware/base/json.hpp"
#include "firmware/services/system/job_control.hpp"

namespace berth::api::view {

using store::JobState;
using store::StepState;

struct JobStep {
  std::string name;
  StepState state = StepState::pending;
  std::optional<Moment> started_at;
  std::optional<Moment> finished_at;
};
BOOST_DESCRIBE_STRUCT(JobStep, (), (name, state, started_at, finished_at))

struct JobError {
  std::string slug;
  std::string message;
  std::optional<std::string> step;  // the name of the step that failed; absent when none did (cancelled)
};
BOOST_DESCRIBE_STRUCT(JobError, (), (slug, message, step))

struct Job {
  JobId id;
  std::string type;
  std::string title;
  std::optional<ServerId> server;
  JobState state = JobState::queued;
  std::vector<JobStep> steps;
  int progress = 0;  // 0 to 100: finished steps of all, with the part of the one under way that it tells
  std::optional<std::string> activity;  // what the step under way is doing
  std::optional<JobError> error;
  Moment created_at;
  std::optional<Moment> started_at;
  std::optional<Moment> finished_at;
  bool can_cancel = false;
  bool can_retry = false;
};
BOOST_DESCRIBE_STRUCT(Job, (),
                      (id, type, title, server, state, steps, progress, activity, error, created_at, started_at,
                       finished_at, can_cancel, can_retry))

Job of(services::JobView const& job);

struct JobList {
  std::vector<Job> items;
  std::optional<std::string> next_cursor;
};
BOOST_DESCRIBE_STRUCT(JobList, (), (items, next_cursor))

struct LogLine {
  std::int64_t seq = 0;
  Moment at;
  std::string text;
};
BOOST_DESCRIBE_STRUCT(LogLine, (), (seq, at, text))

struct JobLog {
  std::vector<LogLine> lines;
};
BOOST_DESCRIBE_STRUCT(JobLog, (), (lines))

}  // namespace berth::api::view
