/*
 * What waits for the brain. Events are numbered and kept until they are acknowledged, and go to the next brain if this
 * one has not done that. Other frames wait in a queue with a limit, and are lost when it is full or the connection
 * ends. Events move through the same queue, so both leave in the order in which they were made.
 */
#include "brain.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "wire.h"

enum { SENDS_A_TURN = 8, KEPT_SMALL = 256 * 1024 };

/* ---------------------------------------------------------------- the queue */

static uint8_t queue[QUEUE_MAX + QUEUE_RESERVE];
static size_t queue_from, queue_to;

/* Where a frame of this size may be written; null if there is no room. */
static uint8_t *room(size_t size, size_t limit) {
  if (queue_to - queue_from + size > limit) return NULL;
  if (queue_to + size > sizeof queue) {
    memmove(queue, queue + queue_from, queue_to - queue_from);
    queue_to -= queue_from;
    queue_from = 0;
  }
  uint8_t *at = queue + queue_to;
  queue_to += size;
  return at;
}

bool queue_put(uint8_t type, const void *head, size_t head_size, const void *rest, size_t rest_size, size_t limit) {
  uint8_t *at = room(HEADER + head_size + rest_size, limit);
  if (at == NULL) return false;
  write_header(at, (uint32_t)(head_size + rest_size), type);
  if (head_size > 0) memcpy(at + HEADER, head, head_size);
  if (rest_size > 0) memcpy(at + HEADER + head_size, rest, rest_size);
  return true;
}

/* ---------------------------------------------------------------- events that are kept: frames, one after the other */

static uint8_t *kept;
static size_t kept_size, kept_from, kept_sent, kept_to; /* acknowledged up to from, in the queue up to sent */
uint32_t kept_count;
uint64_t kept_oldest = 1, kept_next = 1;

static size_t frame_size(const uint8_t *frame) {
  struct reader r = {frame, frame + 4, false};
  return HEADER + read_u32(&r);
}

/* Moves them into the queue. False if not all have room: what is made later must then wait, or be dropped. */
bool queue_move_kept(void) {
  while (kept_sent < kept_to) {
    size_t size = frame_size(kept + kept_sent);
    uint8_t *at = room(size, sizeof queue);
    if (at == NULL) return false;
    memcpy(at, kept + kept_sent, size);
    kept_sent += size;
  }
  return true;
}

static void make_space(size_t size) {
  if (kept_to + size <= kept_size) return;
  if (kept_from > kept_size / 2) {
    memmove(kept, kept + kept_from, kept_to - kept_from);
  } else {
    kept_size = kept_size == 0 ? 16384 : 2 * kept_size;
    uint8_t *grown = malloc(kept_size);
    if (grown == NULL) die("memory for events");
    if (kept != NULL) memcpy(grown, kept + kept_from, kept_to - kept_from);
    free(kept);
    kept = grown;
  }
  kept_sent -= kept_from;
  kept_to -= kept_from;
  kept_from = 0;
}

void brain_keep(uint8_t type, uint8_t *payload, size_t size) {
  beats_flush(); /* those before it are told before it */
  struct writer w = {payload};
  write_u64(&w, kept_next++);
  make_space(HEADER + size);
  write_header(kept + kept_to, (uint32_t)size, type);
  memcpy(kept + kept_to + HEADER, payload, size);
  kept_to += HEADER + size;
  kept_count++;
}

void brain_acknowledge(uint64_t n) {
  while (kept_from < kept_to && kept_oldest <= n) {
    kept_from += frame_size(kept + kept_from);
    kept_oldest++;
    kept_count--;
  }
  if (kept_sent < kept_from) kept_sent = kept_from;
  if (kept_from < kept_to) return;
  kept_from = kept_sent = kept_to = 0;
  if (kept_size <= KEPT_SMALL) return;
  free(kept);
  kept = NULL;
  kept_size = 0;
}

/* ---------------------------------------------------------------- sending */

size_t queue_size(void) { return queue_to - queue_from; }

bool queue_is_empty(void) { return queue_from == queue_to && kept_sent == kept_to; }

/* False: nothing reads it any more. */
bool queue_send(int fd, bool with_kept) {
  for (int i = 0; i < SENDS_A_TURN; i++) {
    if (with_kept) queue_move_kept();
    if (queue_from == queue_to) break;
    ssize_t n = send(fd, queue + queue_from, queue_to - queue_from, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (n < 0) return errno == EAGAIN || errno == EINTR;
    queue_from += (size_t)n;
  }
  if (queue_from == queue_to) queue_from = queue_to = 0;
  return true;
}

/* The connection has ended, or begins: what is not kept is lost, and what is kept is sent again. */
void queue_restart(void) {
  queue_from = queue_to = 0;
  kept_sent = kept_from;
}
