/*
 * The descriptor on which a process reports that it is ready, or that it is alive: lines. One that begins with "beat"
 * is a heartbeat, and a number after it is the sender's CLOCK_MONOTONIC in microseconds. Any other line means ready.
 */
#include "keeper.h"

#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "wire.h"

enum { BEAT_LINE = 64, MOST_DIGITS = 15, CHUNK = 4096 };

/* ---------------------------------------------------------------- beats, told together once a turn */

static uint8_t beats[BEATS_MAX * 24];
static int beat_count;

void beats_flush(void) {
  if (beat_count > 0) brain_frame(BEATS, beats, (size_t)beat_count * 24, NULL, 0);
  beat_count = 0;
}

void beat_add(struct leaf *leaf, uint64_t sent) {
  if (!brain_is_connected()) return;
  if (beat_count == BEATS_MAX) beats_flush();
  struct writer w = {beats + 24 * beat_count++};
  write_u32(&w, leaf->number);
  write_u32(&w, leaf->incarnation);
  write_u64(&w, now);
  write_u64(&w, sent);
}

/* The digits after one space. What follows them is ignored: later versions may give it a meaning. */
static uint64_t sent_in(const char *line, size_t size) {
  if (size < 2 || line[0] != ' ') return NO_TIME;
  uint64_t micros = 0;
  size_t at = 1;
  for (; at < size && line[at] >= '0' && line[at] <= '9' && at <= MOST_DIGITS; at++) {
    micros = 10 * micros + (uint64_t)(line[at] - '0');
  }
  bool is_too_long = at < size && line[at] >= '0' && line[at] <= '9';
  return at == 1 || is_too_long ? NO_TIME : micros * 1000;
}

/* ---------------------------------------------------------------- lines */

static void on_line(struct leaf *leaf, const char *line, size_t size) {
  if (leaf->spec->beat == BEAT_DESCRIPTOR && size >= 4 && memcmp(line, "beat", 4) == 0) {
    if (size > BEAT_LINE) size = BEAT_LINE;
    beat_add(leaf, sent_in(line + 4, size - 4));
  } else if (leaf->spec->ready == READY_DESCRIPTOR) {
    leaf_is_ready(leaf, READY_DESCRIPTOR);
  }
}

/* Only the beginning of an unfinished line matters. */
static void hold(struct leaf *leaf, const char *bytes, size_t size) {
  if (size > BEAT_LINE - leaf->channel_count) size = BEAT_LINE - leaf->channel_count;
  if (size == 0) return;
  if (leaf->channel_held == NULL && (leaf->channel_held = malloc(BEAT_LINE)) == NULL) die("memory for a beat");
  memcpy(leaf->channel_held + leaf->channel_count, bytes, size);
  leaf->channel_count += (uint32_t)size;
}

static void take(struct leaf *leaf, const char *bytes, size_t size) {
  const char *end = bytes + size, *newline;
  while ((newline = memchr(bytes, '\n', (size_t)(end - bytes))) != NULL) {
    if (leaf->channel_count > 0) {
      hold(leaf, bytes, (size_t)(newline - bytes));
      on_line(leaf, leaf->channel_held, leaf->channel_count);
      leaf->channel_count = 0;
    } else {
      on_line(leaf, bytes, (size_t)(newline - bytes));
    }
    bytes = newline + 1;
    if (bytes == end) return;
  }
  hold(leaf, bytes, (size_t)(end - bytes));
}

/* ---------------------------------------------------------------- the descriptor */

void channel_close(struct leaf *leaf) {
  source_close(&leaf->channel);
  timer_clear(&leaf->beats_timer);
  free(leaf->channel_held);
  leaf->channel_held = NULL;
  leaf->channel_count = 0;
}

static void on_beats_ended(struct timer *timer) {
  struct leaf *leaf = CONTAINER(timer, struct leaf, beats_timer);
  if (leaf->state != RUNNING) return;
  leaf->beats_ended = true;
  uint8_t payload[16];
  struct writer w = {payload};
  write_u64(&w, now);
  write_u32(&w, leaf->number);
  write_u32(&w, leaf->incarnation);
  beats_flush();
  brain_frame(BEATS_ENDED, payload, sizeof payload, NULL, 0);
}

/* False when there is nothing more to read, now or ever. */
static bool read_some(struct leaf *leaf) {
  char chunk[CHUNK];
  ssize_t n = read(leaf->channel.fd, chunk, sizeof chunk);
  if (n < 0) return errno == EINTR;
  if (n == 0) {
    channel_close(leaf);
    leaf->beats_timer.on_due = on_beats_ended;
    if (leaf->spec->beat == BEAT_DESCRIPTOR) timer_set(&leaf->beats_timer, now + BEATS_ENDED_MS * MS);
    return false;
  }
  take(leaf, chunk, (size_t)n);
  /* Readiness comes once; for beats it stays open. */
  if (leaf->ready && leaf->spec->beat != BEAT_DESCRIPTOR) channel_close(leaf);
  return leaf->channel.fd >= 0;
}

static void on_channel(struct source *source, uint32_t events) {
  (void)events;
  read_some(CONTAINER(source, struct leaf, channel));
}

void channel_open(struct leaf *leaf) {
  leaf->channel.on_ready = on_channel;
  if (leaf->channel.fd >= 0 && !source_watch(&leaf->channel, EPOLLIN)) die("epoll_ctl");
}

/* What it wrote before it ended. */
void channel_drain(struct leaf *leaf) {
  for (int i = 0; i < FINAL_READS && leaf->channel.fd >= 0 && read_some(leaf); i++) continue;
}
