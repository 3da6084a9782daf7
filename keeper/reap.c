/*
 * Waiting for children. Asking for any of them walks over all, so a child that a signal names is asked for by its pid;
 * signals coalesce, so now and then all are asked for, and after that we rest for many times what it took.
 */
#include "keeper.h"

#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "wire.h"

#ifndef SYS_pidfd_open
#define SYS_pidfd_open 434
#endif

static pid_t named[REAPS_A_TURN];
static int named_count;
static bool sweep_wanted;
static uint64_t sweep_at;

void reap_signal(pid_t pid) {
  sweep_wanted = true;
  if (pid > 1 && named_count < REAPS_A_TURN) named[named_count++] = pid;
}

uint64_t reap_due(void) { return sweep_wanted ? sweep_at : NEVER; }

/* ---------------------------------------------------------------- out of memory */

enum { OOM_RECENT_MS = 1000 };
static uint64_t oom_kills, oom_seen_at;

void oom_begin(void) { oom_kills = proc_counter("/proc/vmstat", "oom_kill"); }

void oom_remember(struct leaf *leaf) { leaf->oom_before = cgroup_oom_kills(leaf); }

/* It has died of a SIGKILL that was not ours. Only its cgroup can say for sure that it was for lack of memory. */
static uint8_t oom_flags(const struct leaf *leaf) {
  if (cgroup_oom_kills(leaf) > leaf->oom_before) return END_OOM;
  uint64_t kills = proc_counter("/proc/vmstat", "oom_kill");
  if (kills > oom_kills) oom_seen_at = now;
  oom_kills = kills;
  return oom_seen_at != 0 && now - oom_seen_at < OOM_RECENT_MS * MS ? END_OOM_HERE : 0;
}

/* ---------------------------------------------------------------- one child */

static uint64_t micros(struct timeval t) { return (uint64_t)t.tv_sec * 1000000ull + (uint64_t)t.tv_usec; }

static struct ending ending_of(const struct leaf *leaf, int status, const struct rusage *used) {
  struct ending ending = {.how = HOW_CODE, .status = (uint32_t)WEXITSTATUS(status)};
  if (WIFSIGNALED(status)) {
    ending.how = HOW_SIGNAL;
    ending.status = (uint32_t)WTERMSIG(status);
    if (WCOREDUMP(status)) ending.flags |= END_DUMPED;
    if (ending.status == SIGKILL && !leaf->killed) ending.flags |= oom_flags(leaf);
  }
  const uint64_t usage[9] = {
    micros(used->ru_utime), micros(used->ru_stime), (uint64_t)used->ru_maxrss,
    (uint64_t)used->ru_minflt, (uint64_t)used->ru_majflt, (uint64_t)used->ru_inblock,
    (uint64_t)used->ru_oublock, (uint64_t)used->ru_nvcsw, (uint64_t)used->ru_nivcsw
  };
  memcpy(ending.usage, usage, sizeof usage);
  return ending;
}

/* `pid` has ended, if it is a child of ours. True if there was something to wait for. */
static bool reap(pid_t pid) {
  siginfo_t info;
  info.si_pid = 0;
  if (waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT) < 0 || info.si_pid != pid) return false;
  /* What it has said before: once it is waited for, nobody knows whose word it was. */
  notify_read();
  void *owner = NULL;
  enum pid_kind kind = pid_find(pid, &owner);
  /* While it is a zombie its number is its own: now a pidfd can be had that is surely its. Before Linux 5.3: none. */
  if (kind == PID_LEADER) ((struct leaf *)owner)->group_fd = (int)syscall(SYS_pidfd_open, pid, 0);
  int status;
  struct rusage used;
  if (wait4(pid, &status, WNOHANG, &used) != pid) return false;
  now = clock_now();
  if (kind == PID_LEADER) {
    struct ending ending = ending_of(owner, status, &used);
    leaf_leader_ended(owner, &ending);
  } else if (pid == brain_child) {
    brain_child_ended(status);
  } else {
    if (kind == PID_ADOPTED) stray_ended(owner);
    groups_check_soon();
  }
  return true;
}

/* ---------------------------------------------------------------- in a turn */

static void sweep(void) {
  uint64_t before = cpu_now();
  for (int i = 0; i < REAPS_A_TURN; i++) {
    siginfo_t info;
    info.si_pid = 0;
    if (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) < 0 || info.si_pid <= 0 || !reap(info.si_pid)) {
      sweep_wanted = false;
      break;
    }
  }
  now = clock_now();
  sweep_at = sweep_wanted ? now : rest_after(before);
}

void reap_run(void) {
  for (int i = 0; i < named_count; i++) reap(named[i]);
  named_count = 0;
  if (sweep_wanted && now >= sweep_at) sweep();
}
