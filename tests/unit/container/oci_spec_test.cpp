#include "drivers/container/oci_spec.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <set>

#include "drivers/container/seccomp_profile.hpp"

namespace berth::container {
namespace {

constexpr std::int64_t gib = 1LL << 30;

contract::GuestSpec guest() {
  return *read_json<contract::GuestSpec>(
      R"({"guest":"00000000-0000-7000-8000-000000000001","kind":"container","image":"tiny","hostname":"web-1","vcpus":3,
    "memory_bytes":1073741824,"disk_bytes":1073741824,
    "nic":{"mac":"52:54:00:00:00:01","address":"10.77.0.11","prefix":24,"gateway":"10.77.0.1","dns":["10.77.0.1","9.9.9.9"],"peer_group":0},"seed":{"ssh_keys":[]}})");
}

json::object spec_of(ImageConfig const& image, User const& user = {}, std::string const& profile = "") {
  auto const spec = guest();
  return oci_spec({spec, image, user, 0x70010000, "/run/x/rootfs", "/run/x/etc", "/berth/x", true, 20000, profile});
}

json::value at(json::object const& spec, char const* pointer) {
  return json::value(spec).at_pointer(pointer);
}

TEST(OciSpec, IsLockedDown) {
  auto const spec = spec_of({{"/init"}, {}, "/", "", 15});
  EXPECT_EQ(at(spec, "/process/noNewPrivileges"), true);
  EXPECT_EQ(at(spec, "/process/terminal"), true);
  EXPECT_EQ(at(spec, "/linux/resources/pids/limit"), 512);
  EXPECT_EQ(at(spec, "/linux/resources/cpu/quota"), 300'000);
  EXPECT_EQ(at(spec, "/linux/uidMappings/0/hostID"), 0x70010000);
  EXPECT_EQ(at(spec, "/linux/uidMappings/0/size"), 65536);
  EXPECT_EQ(at(spec, "/linux/uidMappings"), at(spec, "/linux/gidMappings"));
  std::set<std::string> namespaces;
  auto const listed = at(spec, "/linux/namespaces");
  for (auto const& one : listed.as_array()) {
    namespaces.emplace(one.at("type").as_string());
    EXPECT_FALSE(one.as_object().contains("path")) << "nothing of the host is joined";
  }
  EXPECT_EQ(namespaces, (std::set<std::string>{"cgroup", "ipc", "mount", "network", "pid", "user", "uts"}));
  auto const caps = json::serialize(at(spec, "/process/capabilities"));
  for (auto const* bad : {"SYS_ADMIN", "SYS_PTRACE", "SYS_MODULE", "SYS_RAWIO", "SYS_RESOURCE", "NET_ADMIN", "NET_RAW",
                          "MKNOD", "BPF", "PERFMON", "DAC_READ_SEARCH", "SYS_TIME"})
    EXPECT_EQ(caps.find(bad), std::string::npos) << bad;
  EXPECT_FALSE(at(spec, "/process/capabilities").as_object().contains("ambient"));
  EXPECT_FALSE(at(spec, "/process/capabilities").as_object().contains("inheritable"));
}

TEST(OciSpec, NamesTheProfileWhereTheMachineHasAppArmor) {
  ImageConfig const image{{"/init"}, {}, "/", "", 15};
  EXPECT_EQ(at(spec_of(image, {}, "berth-container"), "/process/apparmorProfile"), "berth-container");
  EXPECT_FALSE(at(spec_of(image), "/process").as_object().contains("apparmorProfile"));
}

TEST(OciSpec, OnlyGeneratedFilesComeFromTheHost) {
  auto const mounts = at(spec_of({{"/init"}, {}, "/", "", 15}), "/mounts");
  for (auto const& mount : mounts.as_array()) {
    auto const options = json::serialize(mount.at("options"));
    EXPECT_NE(options.find("nosuid"), std::string::npos);
    if (mount.at("type") != "bind") continue;
    EXPECT_TRUE(std::string_view(mount.at("source").as_string()).starts_with("/run/x/etc/"));
    EXPECT_NE(options.find("\"ro\""), std::string::npos);
  }
}

TEST(OciSpec, TheImagesEnvironmentWins) {
  auto const spec = spec_of({{"/init"}, {"HOME=/data", "TERM=dumb"}, "/", "", 15}, {33, 33, {}, "/var/www"});
  auto const all = json::serialize(at(spec, "/process/env"));
  EXPECT_NE(all.find("HOME=/data"), std::string::npos);
  EXPECT_EQ(all.find("/var/www"), std::string::npos);
  EXPECT_EQ(all.find("xterm"), std::string::npos);
  EXPECT_NE(all.find("PATH="), std::string::npos);
  EXPECT_NE(all.find("HOSTNAME=web-1"), std::string::npos);
}

RC_GTEST_PROP(OciSpec, WhatGoesInIsWhatIsReadBack,
              (std::string const& argument, std::string const& value, std::string const& directory)) {
  // Any bytes but NUL that are UTF-8: quotes, newlines, braces. JSON carries them, no text is put together.
  auto printable = [](std::string text) {
    std::erase_if(text, [](char c) { return c == '\0' || static_cast<unsigned char>(c) >= 0x80; });
    return text;
  };
  ImageConfig const image{{"/init", printable(argument), "\",\"terminal\":false,\""},
                          {"A=" + printable(value)},
                          "/" + printable(directory),
                          "",
                          15};
  auto const read = parse_json(json::serialize(spec_of(image)));
  RC_ASSERT(read.has_value());
  RC_ASSERT(read->at_pointer("/process/args/1") == json::value(image.arguments[1]));
  RC_ASSERT(read->at_pointer("/process/args/2") == json::value(image.arguments[2]));
  RC_ASSERT(read->at_pointer("/process/env/0") == json::value(image.environment[0]));
  RC_ASSERT(read->at_pointer("/process/cwd") == json::value(image.working_directory));
  RC_ASSERT(read->at_pointer("/process/terminal") == json::value(true));
}

TEST(OciSpec, GeneratedFiles) {
  EXPECT_EQ(hosts_file(guest()),
            "127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n10.77.0.11\tweb-1\n");
  EXPECT_EQ(resolv_conf(guest()), "nameserver 10.77.0.1\nnameserver 9.9.9.9\n");
}

TEST(MemoryLimit, LeavesRoomBesideTheGuest) {
  EXPECT_EQ(memory_limit_bytes(1 * gib), (gib * 115 / 100 + 4095) / 4096 * 4096);
  EXPECT_EQ(memory_limit_bytes(2 * gib), (2 * gib * 115 / 100 + 4095) / 4096 * 4096);
  EXPECT_EQ(memory_limit_bytes(4 * gib), (4 * gib * 110 / 100 + 4095) / 4096 * 4096);
  EXPECT_EQ(memory_limit_bytes(8 * gib), (8 * gib * 105 / 100 + 4095) / 4096 * 4096);
  EXPECT_GT(memory_limit_bytes(1LL << 46), 1LL << 46) << "no overflow at the largest";
}

RC_GTEST_PROP(MemoryLimit, IsNeverLessAndNeverAbsurd, ()) {
  auto const memory = *rc::gen::inRange<std::int64_t>(4 << 20, 1LL << 46);
  auto const limit = memory_limit_bytes(memory);
  RC_ASSERT(limit > memory);
  RC_ASSERT(limit <= memory / 100 * 116 + 8192);
  RC_ASSERT(limit % 4096 == 0);
}

TEST(SeccompProfile, DeniesUnlessNamed) {
  auto const profile = seccomp_profile();
  EXPECT_EQ(profile.at("defaultAction"), "SCMP_ACT_ERRNO");
  std::multiset<std::string> always;
  for (auto const& rule : profile.at("syscalls").as_array())
    if (rule.at("action") == "SCMP_ACT_ALLOW" &&
        (!rule.as_object().contains("args") || rule.at("args").as_array().empty()))
      for (auto const& name : rule.at("names").as_array()) always.emplace(name.as_string());
  for (auto const* bad : {"mount",
                          "umount",
                          "umount2",
                          "mount_setattr",
                          "move_mount",
                          "fsopen",
                          "fsconfig",
                          "fsmount",
                          "fspick",
                          "open_tree",
                          "pivot_root",
                          "setns",
                          "unshare",
                          "clone",
                          "clone3",
                          "bpf",
                          "keyctl",
                          "add_key",
                          "request_key",
                          "io_uring_setup",
                          "io_uring_enter",
                          "io_uring_register",
                          "perf_event_open",
                          "userfaultfd",
                          "kexec_load",
                          "kexec_file_load",
                          "init_module",
                          "finit_module",
                          "delete_module",
                          "open_by_handle_at",
                          "reboot",
                          "swapon",
                          "swapoff",
                          "settimeofday",
                          "clock_settime",
                          "iopl",
                          "ioperm",
                          "quotactl",
                          "quotactl_fd",
                          "acct",
                          "socket",
                          "personality",
                          "syslog",
                          "process_vm_readv",
                          "process_vm_writev",
                          "fanotify_init",
                          "process_madvise",
                          "sethostname",
                          "setdomainname",
                          "vhangup",
                          "lookup_dcookie",
                          "uselib",
                          "ustat",
                          "nfsservctl",
                          "_sysctl"})
    EXPECT_FALSE(always.contains(bad)) << bad;
  for (auto const& name : always) EXPECT_EQ(always.count(name), 1U) << name << " stands twice";
}

}  // namespace
}  // namespace berth::container
