/*
 * The states of a leaf, see keeper.h: how it starts, how it is stopped, how it ends. Nothing else changes a state.
 */
#include "keeper.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "wire.h"

bool closed;
struct leaf *ending_leaves;

static bool quitting;

const char *leaf_path(const struct leaf *leaf) { return leaf->spec->strings; }

static void on_leaf_due(struct timer *timer) { leaf_check(CONTAINER(timer, struct leaf, timer)); }

/* ---------------------------------------------------------------- what is told once */

static void tell_leader_ended(struct leaf *leaf) {
  if (leaf->leader_told) return;
  leaf->leader_told = true;
  report_end(leaf, LEADER_ENDED);
}

void leaf_is_ready(struct leaf *leaf, uint32_t by) {
  if (leaf->ready || leaf->state < RUNNING) return;
  leaf->ready = true;
  report_ready(leaf, by);
}

/* ---------------------------------------------------------------- the list of those that end */

static void list(struct leaf *leaf) {
  leaf->ending_before = NULL;
  leaf->ending_next = ending_leaves;
  if (ending_leaves != NULL) ending_leaves->ending_before = leaf;
  ending_leaves = leaf;
}

static void unlist(struct leaf *leaf) {
  if (leaf->ending_before != NULL) leaf->ending_before->ending_next = leaf->ending_next;
  else ending_leaves = leaf->ending_next;
  if (leaf->ending_next != NULL) leaf->ending_next->ending_before = leaf->ending_before;
}

/* ---------------------------------------------------------------- start */

/* It has ended, or has not started: the newest spec counts, and a number that was given up is free. */
static void become_free(struct leaf *leaf) {
  leaf->state = FREE;
  timer_clear(&leaf->timer);
  leaf->ended_before = leaf->ended_at;
  leaf->ended_at = now;
  if (leaf->next_spec != NULL) {
    cgroup_remove(leaf); /* the next one may be another */
    free(leaf->spec);
    leaf->spec = leaf->next_spec;
    leaf->next_spec = NULL;
  }
  if (leaf->gone && !leaf->in_queue) leaf_forget(leaf);
}

void leaf_not_started(struct leaf *leaf, uint32_t error, uint32_t stage) {
  report_not_started(leaf, leaf->incarnation, error, stage);
  become_free(leaf);
}

/* The other one was commanded before, so it has had its turn, or will have it before this one. */
static bool can_follow(uint32_t other_leaf, uint32_t incarnation, bool is_queued_enough) {
  const struct leaf *other = leaf_get(other_leaf);
  if (other == NULL || other->incarnation != incarnation) return false;
  if (other->state == QUEUED) return is_queued_enough;
  return other->state == RUNNING && other->ready && !other->stop_sent && !other->killed;
}

void leaf_spawn(struct leaf *leaf, uint32_t incarnation, uint32_t after_leaf, uint32_t after_incarnation) {
  if (incarnation <= leaf->highest) return;
  leaf->highest = incarnation;
  if (closed || lease_forbids(leaf_path(leaf))) return report_not_started(leaf, incarnation, ERROR_CLOSED, STAGE_OURS);
  if (leaf->state != FREE) return report_not_started(leaf, incarnation, ERROR_BUSY, STAGE_OURS);
  leaf->after_wanted = after_leaf != NO_LEAF;
  if (leaf->after_wanted && !can_follow(after_leaf, after_incarnation, true)) {
    return report_not_started(leaf, incarnation, ERROR_CHAIN, STAGE_OURS);
  }
  leaf->incarnation = incarnation;
  leaf->after_leaf = after_leaf;
  leaf->after_incarnation = after_incarnation;
  leaf->pid = 0;
  leaf->state = QUEUED;
  starts_add(leaf);
}

static void reset(struct leaf *leaf) {
  leaf->asked = leaf->stop_sent = leaf->killed = leaf->ready = false;
  leaf->leader_told = leaf->beats_ended = leaf->look_wanted = false;
  leaf->kill_at = NEVER;
  leaf->killed_at = leaf->extend_until = leaf->blocked_hash = leaf->start_time = 0;
  leaf->empty_looks = 0;
  leaf->timer.on_due = on_leaf_due;
}

void leaf_start(struct leaf *leaf) {
  if (leaf->after_wanted && !can_follow(leaf->after_leaf, leaf->after_incarnation, false)) {
    return leaf_not_started(leaf, ERROR_CHAIN, STAGE_OURS);
  }
  uint32_t error, stage;
  reset(leaf);
  oom_remember(leaf);
  log_open(leaf);
  struct spawned spawned;
  bool has_started = spawn(leaf, &spawned, &error, &stage);
  now = clock_now();
  if (!has_started) {
    log_close(leaf);
    return leaf_not_started(leaf, error, stage);
  }
  leaf->state = RUNNING;
  leaf->pid = spawned.pid;
  leaf->stdin_fd = spawned.fds[0];
  leaf->spawned_at = now;
  leaves_alive++;
  pid_add(leaf->pid, PID_LEADER, leaf);
  if (leaf->spec->flags & SPEC_START_TIME) leaf->start_time = start_time(leaf->pid);
  leaf->ready = leaf->spec->ready == READY_AT_ONCE;
  report_spawned(leaf);
  log_begin(leaf);
  output_open(leaf, spawned.fds[1], spawned.fds[2]);
  channel_open(leaf, spawned.fds[3]);
}

void leaf_set_spec(struct leaf *leaf, struct spec *spec) {
  struct spec **place = leaf->state >= RUNNING ? &leaf->next_spec : &leaf->spec;
  if (place == &leaf->spec) cgroup_remove(leaf);
  free(*place);
  *place = spec;
}

/* ---------------------------------------------------------------- signals and stops */

uint32_t leaf_signal(struct leaf *leaf, int signal, bool to_group) {
  if (to_group) return (uint32_t)group_signal(leaf, signal);
  return leaf->state == RUNNING ? (uint32_t)signal_process(leaf->pid, signal) : ESRCH;
}

static void schedule(struct leaf *leaf) {
  uint64_t due = leaf->kill_at;
  if (leaf->killed) {
    uint64_t blocked_at = leaf->killed_at + BLOCKED_MS * MS;
    due = blocked_at > now ? blocked_at : now + POLL_BLOCKED_MS * MS;
  }
  if (leaf->state == ENDING && now + leaf->poll_ms * MS < due) due = now + leaf->poll_ms * MS;
  timer_set(&leaf->timer, due);
}

/* Strays are found, and killed, when the group has gone. */
void leaf_kill(struct leaf *leaf) {
  if (leaf->state == STRAYING) {
    leaf->kill_at = now;
    strays_want(leaf);
  }
  if (leaf->state != RUNNING && leaf->state != ENDING) return;
  group_signal(leaf, SIGKILL);
  if (!leaf->killed) {
    leaf->killed = true;
    leaf->killed_at = now;
    leaf->kill_at = NEVER;
  }
  schedule(leaf);
}

static void stop(struct leaf *leaf, uint32_t shutdown) {
  if (shutdown == SHUTDOWN_KILL || leaf->spec->signal == SIGKILL) return leaf_kill(leaf);
  uint64_t kill_at = shutdown == SHUTDOWN_NEVER ? NEVER : now + shutdown * MS;
  if (leaf->state == STRAYING) {
    if (kill_at < leaf->kill_at) leaf->kill_at = kill_at;
    return strays_want(leaf);
  }
  if (!leaf->stop_sent) {
    leaf->stop_sent = true;
    leaf_signal(leaf, leaf->spec->signal, leaf->spec->stop_to == 0);
    /* A stopped process gets no other signal before SIGCONT, except SIGKILL. A running one ignores it. */
    group_signal(leaf, SIGCONT);
  }
  if (leaf->killed || kill_at >= leaf->kill_at) return;
  leaf->kill_at = kill_at;
  schedule(leaf);
}

/* With a brain it may take any time, as that can end the wait; without one the keeper would be there for ever. */
static uint32_t own_shutdown(const struct leaf *leaf) {
  uint32_t shutdown = leaf->spec->shutdown;
  return shutdown == SHUTDOWN_NEVER && is_without_brain() ? STOP_WITHOUT_BRAIN_MS : shutdown;
}

void leaf_stop(struct leaf *leaf, uint32_t shutdown) {
  if (leaf->state == FREE) return;
  if (leaf->state == QUEUED) return leaf_not_started(leaf, ERROR_STOPPED, STAGE_OURS);
  leaf->asked = true;
  stop(leaf, shutdown == SHUTDOWN_OWN ? own_shutdown(leaf) : shutdown);
}

/* Only a stop that has a deadline can be extended, never without end, and never one that is over. */
void leaf_extend(struct leaf *leaf, uint64_t until) {
  if (!leaf->stop_sent || leaf->killed || leaf->kill_at == NEVER || leaf->state == STRAYING) return;
  if (leaf->extend_until == 0) leaf->extend_until = now + EXTEND_LIMIT_MS * MS;
  if (until > leaf->extend_until) until = leaf->extend_until;
  if (until <= leaf->kill_at) return;
  leaf->kill_at = until;
  schedule(leaf);
}

static void stop_all(uint32_t shutdown) {
  closed = true;
  for (uint32_t i = 0; i < leaf_numbers; i++) {
    struct leaf *leaf = leaf_get(i);
    if (leaf == NULL) continue;
    if (leaf->state == QUEUED) leaf_not_started(leaf, ERROR_CLOSED, STAGE_OURS);
    else leaf_stop(leaf, shutdown);
  }
}

void leaves_kill(void) { stop_all(SHUTDOWN_KILL); }

void leaves_close(void) { closed = quitting = true; }

void leaves_quit(void) {
  leaves_close();
  stop_all(SHUTDOWN_OWN);
}

bool is_quitting(void) { return quitting; }

/* ---------------------------------------------------------------- end */

static struct ending *free_endings;

static struct ending *take_ending(void) {
  struct ending *ending = free_endings;
  if (ending != NULL) free_endings = ending->next_free;
  else ending = malloc(sizeof *ending);
  if (ending == NULL) die("memory for an end");
  return ending;
}

static void give_ending_back(struct leaf *leaf) {
  leaf->ending->next_free = free_endings;
  free_endings = leaf->ending;
  leaf->ending = NULL;
}

static void group_gone(struct leaf *leaf);

void leaf_leader_ended(struct leaf *leaf, const struct ending *ending) {
  leaf->ending = take_ending();
  *leaf->ending = *ending;
  leaf->ending->leader_ended_at = now;
  leaf->state = ENDING;
  leaf->poll_ms = POLL_FIRST_MS;
  pid_add(leaf->pid, PID_GROUP, leaf);
  list(leaf);
  channel_drain(leaf);
  if (!group_exists(leaf)) return group_gone(leaf);
  /* If all of it was asked to stop there may be nothing to tell in a moment. */
  if (!leaf->stop_sent && !leaf->killed) tell_leader_ended(leaf);
  /* What is left was the leader's to stop, if the signal is the leader's alone. */
  if (leaf->killed || leaf->spec->stop_to == 1) leaf_kill(leaf);
  else if (!leaf->stop_sent) stop(leaf, leaf->spec->shutdown);
  schedule(leaf);
}

/* What is left of the time of the leaf is that of its strays. */
static uint64_t strays_deadline(const struct leaf *leaf) {
  uint32_t shutdown = leaf->spec->shutdown;
  if (leaf->killed || shutdown == SHUTDOWN_KILL) return now;
  if (leaf->stop_sent && leaf->kill_at != NEVER) return leaf->kill_at;
  return now + (leaf->stop_sent || shutdown == SHUTDOWN_NEVER ? STRAYS_MS : shutdown) * MS;
}

static void group_gone(struct leaf *leaf) {
  leaf->kill_at = strays_deadline(leaf);
  leaf->state = STRAYING;
  leaf->ending->straying_at = now;
  pid_remove(leaf->pid, leaf);
  if (leaf->group_fd >= 0) close(leaf->group_fd);
  leaf->group_fd = -1;
  timer_clear(&leaf->timer);
  strays_want(leaf);
}

static void all_gone(struct leaf *leaf) {
  output_finish(leaf);
  channel_close(leaf);
  if (leaf->stdin_fd >= 0) close(leaf->stdin_fd);
  leaf->stdin_fd = -1;
  log_end(leaf);
  cgroup_rest(leaf);
  unlist(leaf);
  leaves_alive--;
  leaf->state = FREE;
  report_end(leaf, EXITED);
  give_ending_back(leaf);
  leaf->pid = 0;
  become_free(leaf);
}

/* Does it have members that live? Twice in a row none: one may fork while we look, and end before we reach it. */
static bool group_lives(struct leaf *leaf, pid_t *pids, int *count) {
  bool known;
  *count = group_members(leaf, pids, LISTED_MAX, &known);
  if (!known || *count > 0) leaf->empty_looks = 0;
  else leaf->empty_looks++;
  return leaf->empty_looks < 2;
}

static void check_group(struct leaf *leaf) {
  if (leaf->state == ENDING && !group_exists(leaf)) return group_gone(leaf);
  pid_t pids[LISTED_MAX];
  int count = 0;
  bool is_late = leaf->killed && now >= leaf->killed_at + BLOCKED_MS * MS;
  /* Zombies that another process does not wait for keep a group in existence: /proc tells them. */
  bool look = is_late || (leaf->state == ENDING && leaf->poll_ms > POLL_FIRST_MS);
  if (look && !group_lives(leaf, pids, &count) && leaf->state == ENDING) return group_gone(leaf);
  if (leaf->state == ENDING && now >= leaf->ending->leader_ended_at + LINGERING_MS * MS) tell_leader_ended(leaf);
  /* A process that joined the group after the last SIGKILL did not get it. */
  if (leaf->killed) group_signal(leaf, SIGKILL);
  if (is_late) report_blocked(leaf, pids, count);
  if (is_late) leaf->poll_ms = POLL_BLOCKED_MS;
  else leaf->poll_ms = leaf->poll_ms >= POLL_LONGEST_MS / 2 ? POLL_LONGEST_MS : 2 * leaf->poll_ms;
  schedule(leaf);
}

void leaf_check(struct leaf *leaf) {
  if (leaf->state == STRAYING) return strays_want(leaf);
  if (leaf->state != RUNNING && leaf->state != ENDING) return;
  if (now >= leaf->kill_at) leaf_kill(leaf);
  check_group(leaf);
}

static void remember_strays(struct ending *ending, const pid_t *pids, int count) {
  size_t listed = count > LISTED_MAX ? LISTED_MAX : (size_t)count;
  memcpy(ending->strays, pids, listed * sizeof *pids);
  ending->stray_count = (uint32_t)count;
  ending->has_strays = true;
}

/* After a look: its strays are known, unless it is not sure. */
void leaf_check_strays(struct leaf *leaf, bool is_sure) {
  pid_t pids[STRAYS_AT_ONCE];
  int count = strays_of(leaf, pids, STRAYS_AT_ONCE);
  uint64_t next = now + STRAY_CHECK_MS * MS;
  if (count == 0 && (is_sure || now >= leaf->ending->straying_at + STRAYS_PATIENCE_MS * MS)) {
    if (output_can_finish(leaf)) return all_gone(leaf);
  }
  if (count > 0) {
    bool is_late = now >= leaf->kill_at, is_blocked = is_late && now >= leaf->kill_at + BLOCKED_MS * MS;
    strays_signal(leaf, is_late ? SIGKILL : leaf->spec->signal);
    if (!leaf->ending->has_strays) {
      remember_strays(leaf->ending, pids, count);
      tell_leader_ended(leaf);
    }
    if (is_blocked) {
      report_blocked(leaf, pids, count);
      next = now + POLL_BLOCKED_MS * MS;
    } else if (!is_late && leaf->kill_at < next) next = leaf->kill_at;
  }
  timer_set(&leaf->timer, next);
}
