#include "sandbox/confinement.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/landlock.h>
#include <seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <memory>
#include <system_error>

#include "base/descriptor.h"
#include "base/program_path.h"

namespace gpen::sandbox {
namespace {

// Libraries and their plugins, and what the system tells about itself. Not /etc and /dev as a
// whole: settings with a token lie there, and disks.
constexpr const char* kSystemPaths[] = {
    "/usr",           "/lib",      "/lib32",    "/lib64",      "/proc", "/sys", "/etc/ld.so.cache",
    "/etc/localtime", "/dev/null", "/dev/zero", "/dev/urandom"};

// All rights of Landlock's first version; reading is given back where it is needed.
constexpr std::uint64_t kReading = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR;
constexpr std::uint64_t kAllRights =
    kReading | LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_WRITE_FILE |
    LANDLOCK_ACCESS_FS_REMOVE_DIR | LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_CHAR |
    LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_MAKE_SOCK |
    LANDLOCK_ACCESS_FS_MAKE_FIFO | LANDLOCK_ACCESS_FS_MAKE_BLOCK | LANDLOCK_ACCESS_FS_MAKE_SYM;

std::string Why(int error) { return std::generic_category().message(error); }

// What is not there needs no right.
void AllowReading(int rules, const std::filesystem::path& path) {
  const Descriptor opened(::open(path.c_str(), O_PATH | O_CLOEXEC));
  if (!opened.is_open()) return;
  std::error_code ignored;
  landlock_path_beneath_attr rule = {};
  rule.allowed_access = std::filesystem::is_directory(path, ignored)
                            ? kReading
                            : std::uint64_t{LANDLOCK_ACCESS_FS_READ_FILE};
  rule.parent_fd = opened.get();
  ::syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
}

std::string ShutFiles(const std::vector<std::filesystem::path>& readable) {
  landlock_ruleset_attr attributes = {};
  attributes.handled_access_fs = kAllRights;
  const Descriptor rules(
      static_cast<int>(::syscall(SYS_landlock_create_ruleset, &attributes, sizeof(attributes), 0)));
  if (!rules.is_open()) return fmt::format("files (Landlock: {})", Why(errno));
  for (const char* path : kSystemPaths) AllowReading(rules.get(), path);
  // A program that was unpacked somewhere has its libraries beside it.
  const auto folder = ProgramPath().parent_path();
  AllowReading(rules.get(), folder);
  AllowReading(rules.get(), folder.parent_path() / "lib");
  for (const auto& path : readable) AllowReading(rules.get(), path);
  if (::syscall(SYS_landlock_restrict_self, rules.get(), 0) != 0) {
    return fmt::format("files (Landlock: {})", Why(errno));
  }
  return "";
}

// What decoding, the networks and encoding never do. Names that the library or the machine does not
// know are left out.
constexpr const char* kForbidden[] = {
    // The network, and lines to other processes: what it needs is open.
    "socket", "socketpair", "connect", "bind", "listen", "accept", "accept4", "socketcall",
    // Other programs and processes.
    "execve", "execveat", "fork", "vfork", "ptrace", "process_vm_readv", "process_vm_writev",
    "pidfd_open", "pidfd_getfd", "pidfd_send_signal", "kcmp",
    // Changes of files.
    "creat", "rename", "renameat", "renameat2", "unlink", "unlinkat", "mkdir", "mkdirat", "rmdir",
    "link", "linkat", "symlink", "symlinkat", "mknod", "mknodat", "truncate", "truncate64", "chmod",
    "fchmodat", "fchmodat2", "chown", "lchown", "fchownat", "utime", "utimes", "utimensat",
    "futimesat", "setxattr", "lsetxattr", "removexattr", "lremovexattr", "open_by_handle_at",
    "name_to_handle_at", "fanotify_init",
    // The system.
    "mount", "umount", "umount2", "move_mount", "open_tree", "fsopen", "fsconfig", "fsmount",
    "fspick", "mount_setattr", "pivot_root", "chroot", "setns", "unshare", "bpf", "perf_event_open",
    "userfaultfd", "io_uring_setup", "io_uring_enter", "io_uring_register", "keyctl", "add_key",
    "request_key", "init_module", "finit_module", "delete_module", "kexec_load", "kexec_file_load",
    "reboot", "swapon", "swapoff", "acct", "quotactl", "quotactl_fd", "settimeofday",
    "clock_settime", "adjtimex", "clock_adjtime", "sethostname", "setdomainname", "syslog",
    "personality", "iopl", "ioperm", "setuid", "setgid", "setreuid", "setregid", "setresuid",
    "setresgid", "setgroups", "setfsuid", "setfsgid", "capset", "vhangup", "lookup_dcookie",
    "vmsplice"};

std::string ShutSystemCalls() {
  struct Release {
    void operator()(void* filter) const { ::seccomp_release(filter); }
  };
  const std::unique_ptr<void, Release> filter(::seccomp_init(SCMP_ACT_ALLOW));
  if (!filter) return "system calls (seccomp: not enough memory)";
  for (const char* name : kForbidden) {
    const int number = ::seccomp_syscall_resolve_name(name);
    if (number == __NR_SCMP_ERROR) continue;
    ::seccomp_rule_add(filter.get(), SCMP_ACT_ERRNO(EPERM), number, 0);
  }
  // Signals to others; a process that fails ends itself by one.
  ::seccomp_rule_add(filter.get(), SCMP_ACT_ERRNO(EPERM), SCMP_SYS(kill), 1,
                     SCMP_A0(SCMP_CMP_NE, static_cast<scmp_datum_t>(::getpid()), 0));
  const int error = ::seccomp_load(filter.get());
  if (error != 0) return fmt::format("system calls (seccomp: {})", Why(-error));
  return "";
}

}  // namespace

std::vector<std::string> ShutIn(const std::vector<std::filesystem::path>& readable) {
  std::vector<std::string> open;
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) open.emplace_back("new privileges");
  for (auto& left : {ShutFiles(readable), ShutSystemCalls()}) {
    if (!left.empty()) open.push_back(left);
  }
  return open;
}

}  // namespace gpen::sandbox
