/*
 * Starting a program without copying us: clone3 with CLONE_VM and CLONE_VFORK. The child borrows our memory, runs on a
 * stack of its own, and we stand still until it has started its program or given up. So it can tell errno and stage by
 * writing them down, and nothing between clone and exec may change what we rely on.
 *
 * Nothing is allocated here, and no function that keeps a state is called. Where vfork is only a fork (valgrind, qemu's
 * user mode) the child writes into a copy: there a program that cannot be started is told as one that ended with 127. A
 * program on a file system that hangs keeps us waiting with it.
 */
#include "keeper.h"

#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "wire.h"

#ifndef CLONE_CLEAR_SIGHAND
#define CLONE_CLEAR_SIGHAND 0x100000000ull
#endif
#ifndef CLONE_INTO_CGROUP
#define CLONE_INTO_CGROUP 0x200000000ull
#endif
#ifndef SYS_clone3
#define SYS_clone3 435
#endif

/* The child leaves this stack without returning, which the address sanitizer would take for frames that are in use. */
#define IN_CHILD __attribute__((no_sanitize("address"), noinline))

enum { STACK_BYTES = 64 * 1024 };
static _Alignas(64) char stack[STACK_BYTES];

struct rlimit files_limit;

/* ---------------------------------------------------------------- in the child */

IN_CHILD _Noreturn static void give_up(struct launch *l, int stage) {
  l->error = errno;
  l->stage = stage;
  _exit(127);
}

/* As shells do, and execvp: a text file without a first line that names an interpreter is for sh. */
IN_CHILD static void execute(struct launch *l, char *file) {
  execve(file, l->argv, l->envp);
  if (errno != ENOEXEC) return;
  char *first = l->argv[0];
  l->argv[-1] = (char *)"/bin/sh";
  l->argv[0] = file;
  execve("/bin/sh", l->argv - 1, l->envp);
  l->argv[0] = first;
  errno = ENOEXEC;
}

/* Looks along the PATH that the program itself will have. */
IN_CHILD static void search(struct launch *l) {
  const char *path = "/bin:/usr/bin";
  for (char **variable = l->envp; *variable != NULL; variable++) {
    if (strncmp(*variable, "PATH=", 5) == 0) { path = *variable + 5; break; }
  }
  size_t name = strlen(l->argv[0]);
  bool forbidden = false;
  char full[PATH_MAX];
  errno = ENOENT;
  for (const char *at = path; name > 0;) {
    const char *end = strchrnul(at, ':');
    size_t folder = (size_t)(end - at);
    if (folder + name + 2 <= sizeof full) {
      memcpy(full, at, folder);
      if (folder > 0) full[folder++] = '/';
      memcpy(full + folder, l->argv[0], name + 1);
      execute(l, full);
      if (errno == EACCES) forbidden = true;
      else if (errno != ENOENT && errno != ENOTDIR && errno != ESTALE && errno != ENODEV && errno != ETIMEDOUT) return;
    }
    if (*end == '\0') break;
    at = end + 1;
  }
  errno = forbidden ? EACCES : ENOENT;
}

IN_CHILD static void write_pid(char *text) {
  char digits[12];
  int count = 0;
  for (unsigned pid = (unsigned)getpid(); pid > 0; pid /= 10) digits[count++] = (char)('0' + pid % 10);
  while (count > 0) *text++ = digits[--count];
  *text = '\0';
}

/* Where the kernel cannot place it at its birth it goes there itself, before it can have children. */
IN_CHILD static void enter_cgroup(struct launch *l) {
  int fd = open(l->cgroup, O_WRONLY | O_CLOEXEC);
  if (fd < 0 || write(fd, "0", 1) != 1) give_up(l, STAGE_CGROUP);
  close(fd);
}

/*
 * A session of its own, so that a stop reaches all of it and Ctrl-C on our terminal none of it. All our descriptors are
 * closed by exec, and above 2, so they can be moved down in this order; the one for readiness last, as its number may
 * be that of another.
 */
IN_CHILD static int child(void *argument) {
  struct launch *l = argument;
  l->has_begun = true;
  if (setsid() < 0) give_up(l, STAGE_SESSION);
  if (l->cgroup != NULL) enter_cgroup(l);
  for (int i = 0; i < 3; i++) {
    if (dup2(l->stdio[i], i) < 0) give_up(l, STAGE_DESCRIPTORS);
  }
  if (l->channel >= 0) {
    if (l->channel == l->channel_to ? fcntl(l->channel, F_SETFD, 0) < 0 : dup2(l->channel, l->channel_to) < 0) {
      give_up(l, STAGE_DESCRIPTORS);
    }
  }
  if (chdir(l->cwd) < 0) give_up(l, STAGE_FOLDER);
  if (l->pid_text != NULL) write_pid(l->pid_text);
  setrlimit(RLIMIT_NOFILE, &files_limit);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
  if (strchr(l->argv[0], '/') != NULL) execute(l, l->argv[0]);
  else search(l);
  give_up(l, STAGE_PROGRAM);
}

/* ---------------------------------------------------------------- in the keeper */

struct clone_arguments {
  uint64_t flags, pidfd, child_tid, parent_tid, exit_signal, stack, stack_size, tls, set_tid, set_tid_size, cgroup;
};

/*
 * The C library has no function for clone3. What follows the call must not use the stack, which in the child is another
 * one, and must change no register before all operands were read. Answers the pid, or an errno, negated. Signal
 * handlers are cleared by the kernel; we have none, so where that flag is missing nothing is lost.
 */
static long clone_vfork(struct launch *l, int cgroup_fd) {
#if defined(__x86_64__) || defined(__aarch64__)
  struct clone_arguments a = {
    .flags = CLONE_VM | CLONE_VFORK | CLONE_CLEAR_SIGHAND,
    .exit_signal = SIGCHLD,
    .stack = (uint64_t)(uintptr_t)stack,
    .stack_size = sizeof stack
  };
  if (cgroup_fd >= 0) {
    a.flags |= CLONE_INTO_CGROUP;
    a.cgroup = (uint64_t)cgroup_fd;
  }
#endif
#if defined(__x86_64__)
  long result;
  __asm__ volatile(
    "syscall\n\t"
    "test %%rax, %%rax\n\t"
    "jnz 1f\n\t"
    "mov %[argument], %%rdi\n\t"
    "call *%[function]\n\t"
    "hlt\n"
    "1:"
    : "=a"(result)
    : "a"((long)SYS_clone3), "D"(&a), "S"(sizeof a), [function] "r"(child), [argument] "r"(l)
    : "rcx", "r11", "memory");
  return result;
#elif defined(__aarch64__)
  register long x8 __asm__("x8") = SYS_clone3;
  register long x0 __asm__("x0") = (long)&a;
  register long x1 __asm__("x1") = sizeof a;
  __asm__ volatile(
    "svc 0\n\t"
    "cbnz x0, 1f\n\t"
    "mov x0, %[argument]\n\t"
    "blr %[function]\n\t"
    "brk 1\n"
    "1:"
    : "+r"(x0)
    : "r"(x8), "r"(x1), [function] "r"(child), [argument] "r"(l)
    : "x30", "memory");
  return x0;
#else
  (void)l;
  (void)cgroup_fd;
  return -ENOSYS;
#endif
}

/* Not ours, populated inside, threaded, no group at all, or removed at this moment. */
static bool is_about_cgroup(int error) {
  return error == EACCES || error == EBUSY || error == EOPNOTSUPP || error == EBADF || error == ENODEV;
}

/*
 * The kernel (6.18, and others since 2025) remembers of a cgroup that it was once killed as a whole, and compares that
 * with the cgroup of the parent, not with the one that a child is born into: where they differ, it kills the child
 * before its first instruction. So it does if the cgroup of a leaf could not be removed after its end, or if ours was
 * once killed.
 */
static bool was_killed_at_birth(const struct launch *l, long pid) {
  if (pid <= 1 || l->has_begun) return false;
  while (waitpid((pid_t)pid, NULL, 0) < 0 && errno == EINTR) continue;
  return true;
}

/*
 * Answers the pid, or −1 with error and stage set. clone3 is unknown to kernels before 5.3 and to valgrind (ENOSYS),
 * and refused by the seccomp filters of older container runtimes (ENOSYS, EPERM); before 5.7 it knows of no cgroup
 * (E2BIG, EINVAL). clone can do the same, except for the cgroup. If EPERM is meant, clone says EPERM too.
 */
pid_t launch(struct launch *l, int cgroup_fd) {
  const char *cgroup = l->cgroup;
  l->error = l->stage = 0;
  l->has_begun = false;
  l->cgroup = NULL;
  long pid = clone_vfork(l, cgroup_fd);
  bool cannot_be_born_there = cgroup_fd >= 0 && (pid == -E2BIG || pid == -EINVAL || was_killed_at_birth(l, pid));
  if (pid == -ENOSYS || pid == -EPERM || cannot_be_born_there) {
    l->cgroup = cgroup;
    pid = clone(child, stack + sizeof stack, CLONE_VM | CLONE_VFORK | SIGCHLD, l);
    if (pid < 0) pid = -errno;
  }
  if (pid < 0) {
    l->error = (int)-pid;
    l->stage = cgroup_fd >= 0 && is_about_cgroup((int)-pid) ? STAGE_CGROUP : STAGE_PROCESS;
    return -1;
  }
  if (l->error == 0) return (pid_t)pid;
  while (waitpid((pid_t)pid, NULL, 0) < 0 && errno == EINTR) continue;
  return -1;
}
