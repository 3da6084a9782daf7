/*
 * Signals, and whether anything of a process group is left. A group has the number of its leader; once that has been
 * waited for, the number alone proves nothing, as it is given out again when the group is gone.
 */
#include "keeper.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef SYS_pidfd_send_signal
#define SYS_pidfd_send_signal 424
#endif
#ifndef SYS_pidfd_open
#define SYS_pidfd_open 434
#endif
#ifndef PIDFD_SIGNAL_PROCESS_GROUP
#define PIDFD_SIGNAL_PROCESS_GROUP 4u
#endif

/* 0 is our own group, −1 is every process, 1 is init; none of them is ever a leaf's, nor are we, nor is the guard. */
static bool may_be_signalled(pid_t pid) { return pid > 1 && pid != getpid() && pid != guard_pid; }

int signal_process(pid_t pid, int signal) {
  if (!may_be_signalled(pid)) return ESRCH;
  return kill(pid, signal) == 0 ? 0 : errno;
}

static int signal_group(pid_t pid, int signal) {
  if (!may_be_signalled(pid)) return ESRCH;
  return kill(-pid, signal) == 0 ? 0 : errno;
}

/*
 * A process that is not our child may end at any time and its number be given out again. So the pidfd comes first, and
 * then the question whether that process is the parent's child; what is signalled is surely a descendant. Before Linux
 * 5.3 there are no pidfds, and a moment remains.
 */
int signal_child_of(pid_t pid, pid_t parent, int signal) {
  if (!may_be_signalled(pid)) return ESRCH;
  int fd = (int)syscall(SYS_pidfd_open, pid, 0);
  if (fd < 0 && errno != ENOSYS) return errno;
  struct process process;
  int error = ESRCH;
  if (proc_stat(pid, &process) == LOOK_FOUND && process.parent == parent) {
    if (fd < 0) error = signal_process(pid, signal);
    else error = syscall(SYS_pidfd_send_signal, fd, signal, NULL, 0) == 0 ? 0 : errno;
  }
  if (fd >= 0) close(fd);
  return error;
}

/*
 * To all members. While the leader has not been waited for, its number is safe. After that the pidfd names the group
 * for ever (Linux 6.9; before: EINVAL). Otherwise, a process that has the number is a stranger and proves that the
 * group is gone, as the kernel gives out no number that a group has.
 */
int group_signal(struct leaf *leaf, int signal) {
  if (leaf->state != ENDING) return leaf->state == RUNNING ? signal_group(leaf->pid, signal) : ESRCH;
  if (leaf->group_fd >= 0) {
    if (syscall(SYS_pidfd_send_signal, leaf->group_fd, signal, NULL, PIDFD_SIGNAL_PROCESS_GROUP) == 0) return 0;
    if (errno != EINVAL && errno != ENOSYS && errno != EBADF) return errno;
  }
  void *owner = NULL;
  struct process process;
  if (pid_find(leaf->pid, &owner) != PID_GROUP || owner != leaf) return ESRCH;
  if (proc_stat(leaf->pid, &process) == LOOK_FOUND) return ESRCH;
  return signal_group(leaf->pid, signal);
}

/* Does it have a member, dead or alive? Zombies that others do not wait for count, see group_members. */
bool group_exists(struct leaf *leaf) { return group_signal(leaf, 0) != ESRCH; }

/* ---------------------------------------------------------------- members that live */

struct member {
  const struct leaf *leaf;
  pid_t pid;
};

enum { MEMBERS_MAX = 4096 };
static struct member members[MEMBERS_MAX];
static int member_count;
static bool was_complete;
static uint64_t walked_at, rest_until;

static void look_at(pid_t pid, void *context) {
  (void)context;
  void *owner;
  struct process process;
  pid_t group = getpgid(pid);
  enum pid_kind kind = pid_find(group, &owner);
  if ((kind != PID_GROUP && kind != PID_LEADER) || member_count == MEMBERS_MAX) return;
  const struct leaf *leaf = owner;
  if (kind == PID_LEADER && !leaf->killed) return; /* only of those that do not die it is asked */
  enum look look = proc_stat(pid, &process);
  if (look == LOOK_UNKNOWN || look == LOOK_FORBIDDEN) was_complete = false;
  if (look == LOOK_FOUND && process.group == group && proc_is_alive(&process)) {
    members[member_count++] = (struct member){leaf, pid};
  }
}

/* One walk over all processes serves all groups in a turn, and it takes at most a tenth of the time. */
static bool walk(void) {
  if (walked_at == now) return true;
  if (now < rest_until) return false;
  uint64_t before = cpu_now();
  member_count = 0;
  was_complete = true;
  if (!proc_each(look_at, NULL)) was_complete = false;
  walked_at = now;
  rest_until = rest_after(before);
  return true;
}

/* How many live, and some of them. `known` is false if that could not be found out now. */
int group_members(struct leaf *leaf, pid_t *pids, int limit, bool *known) {
  *known = walk() && was_complete;
  if (walked_at != now) return 0;
  int count = 0;
  for (int i = 0; i < member_count; i++) {
    if (members[i].leaf != leaf) continue;
    if (count < limit) pids[count] = members[i].pid;
    count++;
  }
  return count;
}

/* ---------------------------------------------------------------- checks */

static bool check_soon;

void groups_check_soon(void) { check_soon = true; }

/* Those beyond the limit find out by their own timers. */
void groups_check(void) {
  if (!check_soon) return;
  check_soon = false;
  struct leaf *leaf = ending_leaves;
  for (int i = 0; leaf != NULL && i < CHECKS_A_TURN; i++) {
    struct leaf *next = leaf->ending_next;
    if (leaf->state == ENDING && !group_exists(leaf)) leaf_check(leaf);
    leaf = next;
  }
}
