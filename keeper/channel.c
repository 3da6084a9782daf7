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

enum { BEAT_LINE = sizeof ((struct channel *)0)->line, MOST_DIGITS = 15, CHUNK = 4096 };

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
static void hold(struct channel *channel, const char *bytes, size_t size) {
  if (size > BEAT_LINE - channel->held) size = BEAT_LINE - channel->held;
  memcpy(channel->line + channel->held, bytes, size);
  channel->held += (uint32_t)size;
}

static void take(struct channel *channel, const char *bytes, size_t size) {
  const char *end = bytes + size, *newline;
  while (bytes < end && (newline = memchr(bytes, '\n', (size_t)(end - bytes))) != NULL) {
    if (channel->held > 0) {
      hold(channel, bytes, (size_t)(newline - bytes));
      on_line(channel->leaf, channel->line, channel->held);
      channel->held = 0;
    } else {
      on_line(channel->leaf, bytes, (size_t)(newline - bytes));
    }
    bytes = newline + 1;
  }
  hold(channel, bytes, (size_t)(end - bytes));
}

/* ---------------------------------------------------------------- the descriptor */

static void on_beats_ended(struct timer *timer) {
  struct leaf *leaf = CONTAINER(timer, struct channel, timer)->leaf;
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
static bool read_some(struct channel *channel) {
  char chunk[CHUNK];
  const struct leaf *leaf = channel->leaf;
  bool has_beats = leaf->spec->beat == BEAT_DESCRIPTOR;
  ssize_t n = read(channel->source.fd, chunk, sizeof chunk);
  if (n < 0) return errno == EINTR;
  if (n == 0) {
    source_close(&channel->source);
    if (has_beats) timer_set(&channel->timer, now + BEATS_ENDED_MS * MS);
    return false;
  }
  take(channel, chunk, (size_t)n);
  /* Readiness comes once; for beats it stays open. */
  if (leaf->ready && !has_beats) source_close(&channel->source);
  return channel->source.fd >= 0;
}

static void on_channel(struct source *source, uint32_t events) {
  (void)events;
  read_some(CONTAINER(source, struct channel, source));
}

void channel_open(struct leaf *leaf, int fd) {
  if (fd < 0) return;
  if (leaf->channel == NULL) leaf->channel = calloc(1, sizeof *leaf->channel);
  struct channel *channel = leaf->channel;
  if (channel == NULL) die("memory for heartbeats");
  channel->leaf = leaf;
  channel->held = 0;
  channel->timer.on_due = on_beats_ended;
  channel->source = (struct source){fd, on_channel};
  if (!source_watch(&channel->source, EPOLLIN)) die("epoll_ctl");
}

/* What it wrote before it ended. */
void channel_drain(struct leaf *leaf) {
  struct channel *channel = leaf->channel;
  for (int i = 0; i < FINAL_READS && channel != NULL && channel->source.fd >= 0 && read_some(channel); i++) continue;
}

void channel_close(struct leaf *leaf) {
  if (leaf->channel == NULL) return;
  source_close(&leaf->channel->source);
  timer_clear(&leaf->channel->timer);
}
