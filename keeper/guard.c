/*
 * The guard: the parent of the keeper. When the keeper ends, however that comes, its children become the guard's, as
 * that is a subreaper too: it kills them, and theirs, until it has no child. It has nothing else to do, and nothing to
 * fail at.
 */
#include "keeper.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { KILL_AGAIN_US = 500, KILL_SELDOM_US = 50 * 1000, SELDOM_AFTER = 2000 };

static void kill_one(pid_t pid, pid_t parent, void *context) {
  (void)parent;
  (void)context;
  signal_process(pid, SIGKILL);
}

/* Those below a killed child become our children when it is dead, so this goes on until there is none. */
static void end_all(void) {
  for (int i = 0;; i++) {
    proc_children(getpid(), kill_one, NULL);
    pid_t pid;
    while ((pid = waitpid(-1, NULL, WNOHANG)) > 0) continue;
    if (pid < 0 && errno == ECHILD) return;
    long pause = i < SELDOM_AFTER ? KILL_AGAIN_US : KILL_SELDOM_US; /* a process in the kernel may take for ever */
    nanosleep(&(struct timespec){.tv_nsec = pause * 1000}, NULL);
  }
}

/* What a terminal sends, it sends to the keeper as well. */
static bool is_for_keeper(const siginfo_t *info) {
  if (info->si_code == SI_KERNEL) return false;
  switch (info->si_signo) {
    case SIGTERM: case SIGINT: case SIGHUP: case SIGQUIT: case SIGUSR1: case SIGUSR2: case SIGWINCH: case SIGPWR:
      return true;
    default: return false;
  }
}

/*
 * Waits for the keeper, and for orphans that are not the keeper's, if we are the first process of a container. A signal
 * that asks us to end is meant for the keeper.
 */
_Noreturn static void watch(pid_t keeper) {
  sigset_t all;
  sigfillset(&all);
  for (;;) {
    siginfo_t info;
    int signal = sigwaitinfo(&all, &info);
    if (signal < 0) continue;
    if (signal != SIGCHLD) {
      if (is_for_keeper(&info)) signal_process(keeper, signal);
      continue;
    }
    int status = 0;
    pid_t pid;
    while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
      if (pid != keeper) continue;
      end_all();
      _exit(WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
    }
  }
}

/* Before Linux 5.9 there is no such call; then those of usual numbers. */
static void close_others(void) {
#ifdef SYS_close_range
  if (syscall(SYS_close_range, 3u, ~0u, 0u) == 0) return;
#endif
  for (int fd = 3; fd < 1024; fd++) close(fd);
}

/*
 * Becomes two processes, and returns in the keeper. The guard keeps no descriptor, as the end of the connection is seen
 * by the brain only when nothing has it any more, and stays in no folder. If the guard dies, the keeper stops the tree.
 */
void guard_split(void) {
  pid_t guard = getpid();
  sigset_t all;
  sigfillset(&all);
  sigprocmask(SIG_SETMASK, &all, NULL);
  prctl(PR_SET_CHILD_SUBREAPER, 1);
  pid_t keeper = fork();
  if (keeper < 0) die("fork");
  if (keeper == 0) {
    guard_pid = guard;
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != guard) _exit(70);
    return;
  }
  prctl(PR_SET_NAME, "keeper-guard");
  close_others();
  for (int fd = 0; fd < 3; fd++) {
    int null = open("/dev/null", O_RDWR);
    if (null > 2) {
      dup2(null, fd);
      close(null);
    }
  }
  if (chdir("/") != 0) _exit(70);
  watch(keeper);
}
