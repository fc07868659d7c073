// The walls themselves: a child that has put them up tries what an intruder would try. Needs root.
#include "drivers/sandbox/inside/confine.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <string>

#include "drivers/kernel/mounts.hpp"
#include "drivers/kernel/user_namespace.hpp"
#include "tests/support/temporary_folder.hpp"

namespace berth::sandbox {
namespace {

class ConfineTest : public testing::Test {
 protected:
  void SetUp() override {
    std::filesystem::create_directory(folder_.path() / "tree");
    std::ofstream(folder_.path() / "tree" / "inside") << "1";
    std::ofstream(folder_.path() / "beside") << "1";
    space_ = *kernel::make_user_namespace(kernel::range_base(0));
    tree_ = *kernel::clone_mount(folder_.path() / "tree");
    ASSERT_TRUE(kernel::map_mount(tree_.get(), space_.get(), kernel::Access::read_write).has_value());
  }
  // In the child: as the program does before it reads the archive.
  void confine() {
    if (!enter_user_namespace(space_.get())) std::exit(90);
    if (!limit_resources({.cpu_s = 5, .memory_bytes = 1ULL << 30, .file_bytes = 1000})) std::exit(91);
    if (!confine_to_tree(tree_.get())) std::exit(92);
  }

  support::TemporaryFolder folder_;
  Descriptor space_;
  Descriptor tree_;
};

TEST_F(ConfineTest, FilesOnlyBelowTheTree) {
  EXPECT_EXIT(
      {
        confine();
        if (::openat(tree_.get(), "new", O_WRONLY | O_CREAT, 0600) < 0) std::_Exit(1);
        if (::open("/etc/passwd", O_RDONLY) >= 0 || errno != EACCES) std::_Exit(2);
        if (::open((folder_.path() / "beside").c_str(), O_WRONLY) >= 0) std::_Exit(3);
        if (::openat(tree_.get(), "../beside", O_RDONLY) >= 0) std::_Exit(4);
        if (::openat(tree_.get(), "inside", O_RDONLY) >= 0) std::_Exit(5);  // not even reading what it wrote
        if (::mkdirat(AT_FDCWD, "/tmp/berth-escape", 0700) == 0) std::_Exit(6);
        std::_Exit(0);
      },
      testing::ExitedWithCode(0), "");
}

TEST_F(ConfineTest, EverythingElseKills) {
  EXPECT_EXIT(
      {
        confine();
        ::socket(AF_UNIX, SOCK_STREAM, 0);
      },
      testing::KilledBySignal(SIGSYS), "");
  EXPECT_EXIT(
      {
        confine();
        ::fork();
      },
      testing::KilledBySignal(SIGSYS), "");
  EXPECT_EXIT(
      {
        confine();
        ::execl("/bin/true", "true", nullptr);
      },
      testing::KilledBySignal(SIGSYS), "");
  EXPECT_EXIT(
      {
        confine();
        ::kill(1, 0);
      },
      testing::KilledBySignal(SIGSYS), "");
  EXPECT_EXIT(
      {
        confine();
        ::mmap(nullptr, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
      },
      testing::KilledBySignal(SIGSYS), "");
  EXPECT_EXIT(
      {
        confine();
        ::syscall(SYS_io_uring_setup, 1, nullptr);
      },
      testing::KilledBySignal(SIGSYS), "");
  EXPECT_EXIT(
      {
        confine();
        ::mknodat(tree_.get(), "null", S_IFCHR | 0666, 0x103);
      },
      testing::KilledBySignal(SIGSYS), "");
}

TEST_F(ConfineTest, FilesAreBounded) {
  EXPECT_EXIT(
      {
        confine();
        int const file = ::openat(tree_.get(), "new", O_WRONLY | O_CREAT, 0600);
        std::string const much(5000, 'x');
        (void)!::write(file, much.data(), much.size());
        (void)!::write(file, much.data(), much.size());
      },
      testing::KilledBySignal(SIGXFSZ), "");
}

TEST_F(ConfineTest, QemuImgSeesOneFile) {
  auto const path = folder_.path() / "disk";
  std::ofstream(path) << "1";
  ASSERT_EQ(::chmod(path.c_str(), 0666), 0);
  Descriptor const disk(::open(path.c_str(), O_RDWR | O_CLOEXEC));
  EXPECT_EXIT(
      {
        if (!become_nobody() || !confine_to_qemu_img(disk.get())) std::_Exit(90);
        if (::getuid() != 941) std::_Exit(1);
        if (::open(("/proc/self/fd/" + std::to_string(disk.get())).c_str(), O_RDWR) < 0) std::_Exit(2);
        if (::open("/etc/passwd", O_RDONLY) >= 0) std::_Exit(3);
        if (::open((folder_.path() / "beside").c_str(), O_RDONLY) >= 0) std::_Exit(4);
        if (::socket(AF_INET, SOCK_STREAM, 0) >= 0) std::_Exit(5);
        if (::setuid(0) == 0) std::_Exit(6);
        std::_Exit(0);
      },
      testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace berth::sandbox
