/* The events of a leaf that are kept until the brain has acknowledged them: how they are written. */
#include "keeper.h"

#include "wire.h"

enum { EVENT_MAX = 112 + 4 * LISTED_MAX };
static uint8_t event[EVENT_MAX];

/* n is filled in by brain_keep. */
static struct writer begin(const struct leaf *leaf, uint32_t incarnation) {
  struct writer w = {event + 8};
  write_u64(&w, now);
  write_u32(&w, leaf->number);
  write_u32(&w, incarnation);
  return w;
}

static void keep(uint8_t type, const struct writer *w) { brain_keep(type, event, (size_t)(w->at - event)); }

static void write_pids(struct writer *w, const pid_t *pids, uint32_t count) {
  uint32_t listed = count > LISTED_MAX ? LISTED_MAX : count;
  write_u32(w, count);
  write_u32(w, listed);
  for (uint32_t i = 0; i < listed; i++) write_u32(w, (uint32_t)pids[i]);
}

void report_not_started(const struct leaf *leaf, uint32_t incarnation, uint32_t error, uint32_t stage) {
  bool busy = error == ERROR_BUSY;
  struct writer w = begin(leaf, incarnation);
  write_u32(&w, error);
  write_u32(&w, stage);
  write_u32(&w, busy ? leaf->incarnation : 0);
  write_u32(&w, busy ? (uint32_t)leaf->pid : 0);
  keep(NOT_STARTED, &w);
}

void report_spawned(struct leaf *leaf) {
  struct writer w = begin(leaf, leaf->incarnation);
  write_u32(&w, (uint32_t)leaf->pid);
  write_u32(&w, leaf->ready);
  write_u64(&w, leaf->start_time);
  write_u64(&w, log_offset(leaf));
  keep(SPAWNED, &w);
}

void report_end(const struct leaf *leaf, uint8_t type) {
  struct writer w = begin(leaf, leaf->incarnation);
  const struct ending *e = leaf->ending;
  write_u8(&w, e->how);
  write_u8(&w, (uint8_t)(e->flags | (leaf->asked ? END_STOPPED : 0) | (leaf->killed ? END_KILLED : 0)));
  write_u16(&w, 0);
  write_u32(&w, e->status);
  for (int i = 0; i < 9; i++) write_u64(&w, e->usage[i]);
  write_pids(&w, e->strays, e->stray_count);
  keep(type, &w);
}

/* Only when they are others than those that were told last. */
void report_blocked(struct leaf *leaf, const pid_t *pids, int count) {
  int listed = count > LISTED_MAX ? LISTED_MAX : count;
  uint64_t hash = hash_of((const uint8_t *)pids, (size_t)listed * sizeof *pids) | 1;
  if (hash == leaf->blocked_hash) return;
  leaf->blocked_hash = hash;
  struct writer w = begin(leaf, leaf->incarnation);
  write_pids(&w, pids, (uint32_t)count);
  keep(BLOCKED, &w);
}

void report_ready(const struct leaf *leaf, uint32_t by) {
  struct writer w = begin(leaf, leaf->incarnation);
  write_u32(&w, by);
  write_u32(&w, 0);
  keep(READY, &w);
}
