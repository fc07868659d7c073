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
extern JobType const machine_set_hostname;
extern JobType const machine_set_time;
extern JobType const machine_try_network;
extern JobType const machine_confirm_network;
extern JobType const machine_revert_network;
extern JobType const machine_set_ssh;
extern JobType const machine_install_update;
extern JobType const machine_check_updates;
extern JobType const machine_choose_slot;
extern JobType const machine_restart;
extern JobType const machine_power_off;
extern JobType const machine_factory_reset;
extern JobType const machine_support_bundle;
extern JobType const machine_renew_certificate;

}  // namespace berth::jobs
