/* Timers: one binary heap by due time, for everything that waits. */
#include "keeper.h"

#include <stdlib.h>
#include <time.h>

uint64_t now;

static struct timer **heap;
static uint32_t count, capacity;

uint64_t clock_now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (uint64_t)t.tv_sec * 1000000000ull + (uint64_t)t.tv_nsec;
}

/*
 * How long to rest after some work, so that it takes at most a tenth of a core. By the CPU time that it took, not by
 * its duration: on a busy machine most of that is waiting for a core.
 */
uint64_t cpu_now(void) {
  struct timespec t;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return (uint64_t)t.tv_sec * 1000000000ull + (uint64_t)t.tv_nsec;
}

uint64_t rest_after(uint64_t cpu_before) { return clock_now() + REST_FACTOR * (cpu_now() - cpu_before); }

/* Slots count from 1, so that a timer of zeroes is one that is not set. */
static void place(uint32_t slot, struct timer *timer) {
  heap[slot - 1] = timer;
  timer->slot = slot;
}

static void rise(uint32_t slot, struct timer *timer) {
  for (; slot > 1 && heap[slot / 2 - 1]->due > timer->due; slot /= 2) place(slot, heap[slot / 2 - 1]);
  place(slot, timer);
}

static void sink(uint32_t slot, struct timer *timer) {
  for (;;) {
    uint32_t child = 2 * slot;
    if (child > count) break;
    if (child < count && heap[child]->due < heap[child - 1]->due) child++;
    if (heap[child - 1]->due >= timer->due) break;
    place(slot, heap[child - 1]);
    slot = child;
  }
  place(slot, timer);
}

void timer_clear(struct timer *timer) {
  uint32_t slot = timer->slot;
  if (slot == 0) return;
  timer->slot = 0;
  struct timer *last = heap[--count];
  if (last == timer) return;
  rise(slot, last);
  if (last->slot == slot) sink(slot, last);
}

void timer_set(struct timer *timer, uint64_t due) {
  timer_clear(timer);
  if (due == NEVER) return;
  if (count == capacity) {
    capacity = capacity == 0 ? 64 : 2 * capacity;
    heap = realloc(heap, capacity * sizeof *heap);
    if (heap == NULL) die("memory for timers");
  }
  timer->due = due;
  count++;
  rise(count, timer);
}

uint64_t timer_next(void) { return count == 0 ? NEVER : heap[0]->due; }

void timers_run(void) {
  for (int i = 0; i < TIMERS_A_TURN && count > 0 && heap[0]->due <= now; i++) {
    struct timer *timer = heap[0];
    timer_clear(timer);
    timer->on_due(timer);
  }
}
