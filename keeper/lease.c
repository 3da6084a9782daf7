/* Leases: what happens to the leaves below a path when the connection to the brain ends, or when a time comes. */
#include "keeper.h"

#include <stdlib.h>
#include <string.h>

#include "wire.h"

struct lease {
  uint8_t kind;
  bool is_over;               /* the deadline of LEASE_KILL_AT has come: nothing is started */
  uint64_t value;
  char *prefix;
  size_t length;
  struct timer timer;
};

static char everything[] = "";
static struct lease leases[LEASES_MAX] = {{.kind = LEASE_STOP, .prefix = everything}};
static int count = 1;
static bool has_lost_brain;

/* Of those whose prefix fits, the longest; the first one always fits. */
static struct lease *lease_of(const char *path) {
  struct lease *best = &leases[0];
  for (int i = 1; i < count; i++) {
    struct lease *l = &leases[i];
    if (l->length <= best->length || strncmp(l->prefix, path, l->length) != 0) continue;
    if (path[l->length] == '\0' || path[l->length] == '/') best = l;
  }
  return best;
}

bool is_without_brain(void) { return has_lost_brain; }

bool lease_forbids(const char *path) { return lease_of(path)->is_over; }

static void apply(struct lease *lease, uint32_t shutdown) {
  for (uint32_t i = 0; i < leaf_numbers; i++) {
    struct leaf *leaf = leaf_get(i);
    if (leaf != NULL && lease_of(leaf_path(leaf)) == lease) leaf_stop(leaf, shutdown);
  }
}

static void stop_below(struct lease *lease) {
  if (lease == &leases[0]) leaves_close();
  apply(lease, SHUTDOWN_OWN);
}

static void on_lease_due(struct timer *timer) {
  struct lease *lease = CONTAINER(timer, struct lease, timer);
  if (lease->kind == LEASE_STOP_AFTER) return stop_below(lease);
  lease->is_over = true;
  apply(lease, SHUTDOWN_KILL);
}

/* What this lease does now, in view of the connection. */
static void begin(struct lease *lease) {
  timer_clear(&lease->timer);
  lease->timer.on_due = on_lease_due;
  if (lease->kind == LEASE_KILL_AT) timer_set(&lease->timer, lease->value);
  else if (has_lost_brain && (lease->kind == LEASE_STOP || is_quitting())) stop_below(lease);
  else if (has_lost_brain && lease->kind == LEASE_STOP_AFTER) timer_set(&lease->timer, now + lease->value * MS);
}

void leases_begin(void) {
  has_lost_brain = true;
  for (int i = 0; i < count; i++) {
    if (leases[i].kind != LEASE_KILL_AT) begin(&leases[i]);
  }
}

void leases_cancel(void) {
  has_lost_brain = false;
  for (int i = 0; i < count; i++) {
    if (leases[i].kind == LEASE_STOP_AFTER) timer_clear(&leases[i].timer);
  }
}

static void forget(struct lease *lease) {
  timer_clear(&lease->timer);
  if (lease == &leases[0]) {
    lease->kind = LEASE_STOP;
    lease->is_over = false;
    return;
  }
  free(lease->prefix);
  struct lease *last = &leases[--count];
  if (last == lease) return;
  timer_clear(&last->timer);
  uint64_t due = last->timer.due;
  bool was_set = last->kind == LEASE_KILL_AT && !last->is_over;
  *lease = *last;
  if (was_set) timer_set(&lease->timer, due);
}

/* Leases are set while a brain is connected, so a stop of this kind begins with the end of the connection. */
bool lease_set(uint8_t kind, uint64_t value, const char *prefix) {
  struct lease *lease = NULL;
  for (int i = 0; i < count && lease == NULL; i++) {
    if (strcmp(leases[i].prefix, prefix) == 0) lease = &leases[i];
  }
  if (kind == LEASE_FORGET) {
    if (lease != NULL) forget(lease);
    return true;
  }
  if (lease == NULL) {
    if (count == LEASES_MAX) return false;
    lease = &leases[count++];
    memset(lease, 0, sizeof *lease);
    lease->length = strlen(prefix);
    lease->prefix = strdup(prefix);
    if (lease->prefix == NULL) die("memory for a lease");
  }
  lease->kind = kind;
  lease->value = value;
  lease->is_over = kind == LEASE_KILL_AT && value <= now;
  begin(lease);
  return true;
}
