// The job types, one file each.
#pragma once

#include "firmware/jobs/job.hpp"

namespace berth::jobs {

extern JobType const server_create;
extern JobType const server_start;
extern JobType const server_stop;
extern JobType const server_restart;
extern JobType const server_pause;
extern JobType const server_resume;
extern JobType const server_regroup;
extern JobType const server_delete;
extern JobType const image_import;
extern JobType const image_remove;

}  // namespace berth::jobs
