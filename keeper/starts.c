/*
 * The leaves that wait for their start. In a storm of restarts a healthy neighbour must not wait for all others: those
 * that have not failed lately come first, and each of the two queues is served in its order.
 */
#include "keeper.h"

#include "wire.h"

struct queue {
  struct leaf *first, *last;
};

static struct queue calm, failing;
static uint32_t taken;

static void append(struct queue *queue, struct leaf *leaf) {
  leaf->queue_next = NULL;
  if (queue->first == NULL) queue->first = leaf;
  else queue->last->queue_next = leaf;
  queue->last = leaf;
}

static struct leaf *take(struct queue *queue) {
  struct leaf *leaf = queue->first;
  if (leaf != NULL) queue->first = leaf->queue_next;
  return leaf;
}

bool starts_waiting(void) { return calm.first != NULL || failing.first != NULL; }

/* A leaf that was stopped while it waited stays in the queue until its turn; it may be queued again before. */
void starts_add(struct leaf *leaf) {
  if (leaf->in_queue) return;
  leaf->in_queue = true;
  leaf->fails = leaf->ended_before != 0 && now - leaf->ended_before < FAILING_MS * MS;
  append(leaf->fails ? &failing : &calm, leaf);
}

/* The one before it was commanded earlier, so it is started earlier, unless it waits in the other queue. */
static bool waits_for_another(const struct leaf *leaf) {
  if (!leaf->after_wanted || leaf->state != QUEUED) return false;
  const struct leaf *other = leaf_get(leaf->after_leaf);
  return other != NULL && other->state == QUEUED && other->incarnation == leaf->after_incarnation;
}

static struct leaf *next(void) {
  bool theirs = ++taken % SHARE_OF_FAILING == 0;
  struct leaf *leaf = take(theirs ? &failing : &calm);
  return leaf != NULL ? leaf : take(theirs ? &calm : &failing);
}

void starts_run(void) {
  uint64_t end = clock_now() + START_SLICE_MS * MS;
  for (int i = 0; i < STARTS_A_TURN && starts_waiting() && now < end; i++) {
    struct leaf *leaf = next();
    if (waits_for_another(leaf)) {
      append(leaf->fails ? &failing : &calm, leaf);
      continue;
    }
    leaf->in_queue = false;
    if (leaf->gone && leaf->state == FREE) leaf_forget(leaf);
    else if (leaf->state == QUEUED) leaf_start(leaf);
    now = clock_now();
  }
}
