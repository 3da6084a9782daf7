/*
 * Processes that have left the group of their leaf: daemons, what setsid starts. When their parent ends they become our
 * children, as we are a subreaper. So when the group of a leaf is gone, all that is left of it is below one of our
 * children that leads no leaf. Whose such a child is says its cgroup, else its environment; what it has started itself
 * belongs to the same leaf. They end with their leaf. A child that says nothing ends with the tree.
 */
#include "keeper.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct adopted *unowned; /* of no leaf, or not known yet */
static bool look_wanted;
static uint64_t rest_until;

/* ---------------------------------------------------------------- whose it is */

static const char *value_in(const char *text, size_t size, const char *name) {
  size_t length = strlen(name);
  for (const char *at = text; at < text + size; at += strlen(at) + 1) {
    if (strncmp(at, name, length) == 0 && at[length] == '=') return at + length + 1;
  }
  return NULL;
}

/* A tree within a leaf has paths of its own, which may be the same as ours: its supervisor tells them apart. */
static struct leaf *owner_by(const char *text, size_t size) {
  const char *path = value_in(text, size, "SUPERVISE_PATH");
  const char *incarnation = value_in(text, size, "SUPERVISE_INCARNATION");
  if (path == NULL || incarnation == NULL) return NULL;
  struct leaf *leaf = leaf_named(path, (uint32_t)strtoul(incarnation, NULL, 10));
  const char *ours = leaf == NULL ? NULL : environment_find(leaf, "SUPERVISE_SUPERVISOR");
  if (ours == NULL) return leaf;
  const char *its = value_in(text, size, "SUPERVISE_SUPERVISOR");
  return its != NULL && strcmp(its, ours) == 0 ? leaf : NULL;
}

static void move_to(struct adopted *adopted, struct leaf *leaf) {
  for (struct adopted **at = &unowned; *at != NULL; at = &(*at)->next) {
    if (*at != adopted) continue;
    *at = adopted->next;
    break;
  }
  adopted->leaf = leaf;
  adopted->next = leaf->adopted;
  leaf->adopted = adopted;
}

/* While it starts its program its environment cannot be read; one that is empty, or has ended, says nothing either. */
static void identify(struct adopted *adopted) {
  const char *text;
  size_t size;
  enum look look = proc_environment(adopted->pid, &text, &size);
  if (look == LOOK_UNKNOWN && ++adopted->looks < STRAY_LOOKS) {
    struct process process;
    if (proc_stat(adopted->pid, &process) != LOOK_FOUND) return;
    if (proc_is_alive(&process) && !process.has_no_environment) return;
  }
  adopted->settled = true;
  struct leaf *leaf = look == LOOK_FOUND ? owner_by(text, size) : NULL;
  if (leaf != NULL) move_to(adopted, leaf);
}

/* ---------------------------------------------------------------- looking */

static bool all_settled;

static void meet(pid_t pid, pid_t parent, void *context) {
  (void)parent;
  (void)context;
  void *owner = NULL;
  if (pid == brain_child) return;
  enum pid_kind kind = pid_find(pid, &owner);
  if (kind == PID_LEADER) return;
  struct adopted *adopted = owner;
  if (kind != PID_ADOPTED) {
    adopted = calloc(1, sizeof *adopted);
    if (adopted == NULL) die("memory for a stray");
    adopted->pid = pid;
    adopted->next = unowned;
    unowned = adopted;
    pid_add(pid, PID_ADOPTED, adopted);
  }
  if (!adopted->settled) identify(adopted);
  if (!adopted->settled) all_settled = false;
}

bool strays_look(void) {
  uint64_t before = cpu_now();
  all_settled = true;
  bool complete = proc_children(getpid(), meet, NULL);
  rest_until = rest_after(before);
  return complete && all_settled;
}

void strays_want(struct leaf *leaf) {
  leaf->look_wanted = true;
  look_wanted = true;
}

uint64_t strays_due(void) { return look_wanted ? rest_until : NEVER; }

/* One look serves all leaves that wait for one. */
void strays_run(void) {
  if (!look_wanted || clock_now() < rest_until) return;
  look_wanted = false;
  bool is_sure = strays_look();
  now = clock_now();
  struct leaf *leaf = ending_leaves;
  while (leaf != NULL) {
    struct leaf *next = leaf->ending_next;
    if (leaf->look_wanted && leaf->state == STRAYING) {
      leaf->look_wanted = false;
      leaf_check_strays(leaf, is_sure);
    }
    leaf = next;
  }
}

/* ---------------------------------------------------------------- all of them */

struct found {
  pid_t pids[STRAYS_AT_ONCE], parents[STRAYS_AT_ONCE];
  int count;
};

static void find(pid_t pid, pid_t parent, void *context) {
  struct found *found = context;
  if (found->count == STRAYS_AT_ONCE) return;
  for (int i = 0; i < found->count; i++) {
    if (found->pids[i] == pid) return;
  }
  found->pids[found->count] = pid;
  found->parents[found->count++] = parent;
}

/* Children of ours from this list, and then whatever is below them. */
static void find_all(const struct adopted *list, bool only_new, struct found *found) {
  found->count = 0;
  for (const struct adopted *a = list; a != NULL; a = a->next) {
    if (!only_new || !a->asked) find(a->pid, getpid(), found);
  }
  for (int i = 0; i < found->count; i++) proc_children(found->pids[i], find, found);
}

int strays_of(struct leaf *leaf, pid_t *pids, int limit) {
  struct found found;
  find_all(leaf->adopted, false, &found);
  cgroup_each(leaf, find, &found);
  for (int i = 0; i < found.count && i < limit; i++) pids[i] = found.pids[i];
  return found.count;
}

static void signal_all(const struct found *found, int signal) {
  for (int i = 0; i < found->count; i++) {
    signal_child_of(found->pids[i], found->parents[i], signal);
    /* One that is stopped could not end. */
    if (signal != SIGKILL) signal_child_of(found->pids[i], found->parents[i], SIGCONT);
  }
}

/* A descendant is asked together with the child of ours above it; one that comes later when that has ended. */
void strays_signal(struct leaf *leaf, int signal) {
  struct found found;
  bool is_killed = signal == SIGKILL && cgroup_kill(leaf);
  find_all(leaf->adopted, signal != SIGKILL, &found);
  bool is_left = signal == SIGKILL ? !is_killed : !leaf->ending->has_strays;
  if (is_left) cgroup_each(leaf, find, &found);
  for (struct adopted *a = leaf->adopted; a != NULL; a = a->next) a->asked = true;
  signal_all(&found, signal);
}

void stray_ended(struct adopted *adopted) {
  struct leaf *leaf = adopted->leaf;
  for (struct adopted **at = leaf == NULL ? &unowned : &leaf->adopted; *at != NULL; at = &(*at)->next) {
    if (*at != adopted) continue;
    *at = adopted->next;
    break;
  }
  pid_remove(adopted->pid, adopted);
  free(adopted);
  if (leaf != NULL && leaf->state == STRAYING) strays_want(leaf);
}

/* ---------------------------------------------------------------- of no leaf */

int strays_rest(pid_t *pids, int limit) {
  struct found found;
  find_all(unowned, false, &found);
  for (int i = 0; i < found.count && i < limit; i++) pids[i] = found.pids[i];
  return found.count;
}

void strays_rest_signal(int signal) {
  struct found found;
  find_all(unowned, false, &found);
  signal_all(&found, signal);
}
