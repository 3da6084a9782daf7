/*
 * What a leaf writes on stdout and stderr: cut into lines, for its log and, if it wants them, for the brain. A pipe is
 * always read, wanted or not, as a process must not wait for us; except where a log that is full says "block", and for
 * a moment while the brain has more than it reads, as long as it reads.
 */
#include "keeper.h"

#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "wire.h"

/* With this many bytes and no newline a line is surely too long: one may be a carriage return, the next is over. */
enum { TOO_LONG = LINE_LIMIT + 2 };

/* An unfinished line, what was read now, and a spare byte. */
static char buffer[TOO_LONG + READ_BYTES + 1];

static struct leaf *leaf_of(struct stream *stream) {
  return CONTAINER(stream - (stream->number - 1), struct leaf, streams[0]);
}

/* ---------------------------------------------------------------- to the brain */

static uint64_t lines_in(const char *text, size_t size) {
  uint64_t count = 0;
  const char *end = text + size, *at = text;
  while (at < end && (at = memchr(at, '\n', (size_t)(end - at))) != NULL) {
    count++;
    at++;
  }
  return count;
}

/* In the place where the lines are missing. Reserved: it is the last occasion, and there may be no room. */
static bool tell_gap(struct stream *stream, bool reserved) {
  if (stream->lost_lines == 0 && stream->lost_bytes == 0) return true;
  uint8_t payload[32];
  struct writer w = {payload};
  write_u32(&w, leaf_of(stream)->number);
  write_u32(&w, leaf_of(stream)->incarnation);
  write_u64(&w, stream->number);
  write_u64(&w, stream->lost_lines);
  write_u64(&w, stream->lost_bytes);
  bool sent = reserved && brain_frame_reserved(GAP, payload, sizeof payload);
  if (!reserved) sent = brain_frame(GAP, payload, sizeof payload, NULL, 0);
  if (sent) stream->lost_lines = stream->lost_bytes = 0;
  return sent;
}

static void to_brain(struct stream *stream, const char *text, size_t size, bool continues) {
  uint8_t head[24];
  struct writer w = {head};
  write_u64(&w, now);
  write_u32(&w, leaf_of(stream)->number);
  write_u32(&w, leaf_of(stream)->incarnation);
  write_u8(&w, stream->number);
  write_u8(&w, continues);
  write_u16(&w, 0);
  write_u32(&w, 0);
  if (tell_gap(stream, false) && brain_frame(OUTPUT, head, sizeof head, text, size)) return;
  uint64_t lines = lines_in(text, size);
  stream->lost_lines += lines;
  stream->lost_bytes += size - lines;
}

/* ---------------------------------------------------------------- lines */

/* Whole lines; or one piece of a line, if it continues; or the end of the last one. */
static void pass_on(struct stream *stream, const char *text, size_t size, bool continues) {
  struct leaf *leaf = leaf_of(stream);
  stream->continued = continues;
  timer_clear(&stream->timer);
  if (leaf->output && brain_is_connected()) to_brain(stream, text, size, continues);
  if (leaf->log != NULL && !log_text(leaf, stream->number, text, size, continues)) stream->paused = true;
}

/* Where a piece ends: at the limit, or before the character that the limit would split. */
static size_t piece_end(const char *text) {
  for (size_t at = LINE_LIMIT; at >= LINE_LIMIT - 3; at--) {
    if (((uint8_t)text[at] & 0xc0) != 0x80) return at;
  }
  return LINE_LIMIT;
}

/* Without the last character, if some of its bytes are still to come. */
static size_t complete_end(const char *text, size_t size) {
  for (size_t back = 1; back <= 3 && back <= size; back++) {
    uint8_t byte = (uint8_t)text[size - back];
    if ((byte & 0xc0) == 0x80) continue;
    size_t length = byte < 0xc0 ? 1 : byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4;
    return length > back ? size - back : size;
  }
  return size;
}

/* A carriage return before the newline is not counted: it is no part of the line. */
static bool is_too_long(const char *line, size_t size_with_newline) {
  size_t size = size_with_newline - 1;
  if (size > 0 && line[size - 1] == '\r') size--;
  return size > LINE_LIMIT;
}

/* Passes on the complete lines of `text`, and answers how much that was. A long line comes alone, in pieces. */
static size_t pass_on_lines(struct stream *stream, const char *text, size_t size) {
  size_t from = 0, at = 0;
  const char *last = memrchr(text, '\n', size);
  size_t end = last == NULL ? 0 : (size_t)(last - text) + 1;
  while (size > LINE_LIMIT && at < end) {
    size_t next = (size_t)((const char *)memchr(text + at, '\n', end - at) - text) + 1;
    if (is_too_long(text + at, next - at)) {
      if (at > from) pass_on(stream, text + from, at - from, false);
      while (is_too_long(text + at, next - at)) {
        size_t piece = piece_end(text + at);
        pass_on(stream, text + at, piece, true);
        at += piece;
      }
      from = at;
    }
    at = next;
  }
  if (end > from) pass_on(stream, text + from, end - from, false);
  for (at = end; size - at >= TOO_LONG;) {
    size_t piece = piece_end(text + at);
    pass_on(stream, text + at, piece, true);
    at += piece;
  }
  return at;
}

static void keep_rest(struct stream *stream, const char *rest, size_t size) {
  if (size > stream->size) {
    stream->size = size < 256 ? 256 : size < TOO_LONG / 2 ? 2 * (uint32_t)size : TOO_LONG;
    char *grown = realloc(stream->carry, stream->size);
    if (grown == NULL) die("memory for a line");
    stream->carry = grown;
  }
  if (size > 0) memmove(stream->carry, rest, size);
  stream->count = (uint32_t)size;
  if (size == 0 && stream->carry != NULL) {
    free(stream->carry);
    stream->carry = NULL;
    stream->size = 0;
  }
}

/* A question has no newline, and is to be seen. */
static void on_unfinished(struct timer *timer) {
  struct stream *stream = CONTAINER(timer, struct stream, timer);
  size_t end = complete_end(stream->carry, stream->count);
  if (stream->count == 0 || end == 0) return;
  memcpy(buffer, stream->carry, stream->count);
  size_t held = stream->count;
  pass_on(stream, buffer, end, true);
  keep_rest(stream, buffer + end, held - end);
}

/* ---------------------------------------------------------------- reading */

static void close_stream(struct stream *stream) {
  if (stream->count > 0) {
    memcpy(buffer, stream->carry, stream->count);
    pass_on(stream, buffer, stream->count, false);
  } else if (stream->continued) {
    pass_on(stream, "", 0, false);
  }
  keep_rest(stream, NULL, 0);
  timer_clear(&stream->timer);
  source_close(&stream->source);
}

/* False when there is nothing more to read, now or ever. */
static bool read_some(struct stream *stream) {
  memcpy(buffer, stream->carry == NULL ? "" : stream->carry, stream->count);
  ssize_t n = read(stream->source.fd, buffer + stream->count, READ_BYTES);
  if (n < 0) return errno == EINTR;
  if (n == 0) {
    close_stream(stream);
    return false;
  }
  size_t size = stream->count + (size_t)n;
  struct leaf *leaf = leaf_of(stream);
  if (leaf->log == NULL && !(leaf->output && brain_is_connected())) {
    /* Nothing wants it. If that changes, it is from the beginning of a line on, as far as we know. */
    stream->continued = false;
    keep_rest(stream, NULL, 0);
    return true;
  }
  size_t passed = pass_on_lines(stream, buffer, size);
  keep_rest(stream, buffer + passed, size - passed);
  if (stream->count > 0 && stream->timer.slot == 0) timer_set(&stream->timer, now + UNFINISHED_MS * MS);
  return true;
}

static struct stream *held_streams;

static bool has_to_wait(const struct leaf *leaf) { return leaf->output && brain_is_behind(); }

static void hold(struct stream *stream) {
  stream->held = true;
  stream->held_next = held_streams;
  held_streams = stream;
}

/* Without an event it is still reported that its writers are gone: only once, with EPOLLET. */
static void on_output(struct source *source, uint32_t events) {
  (void)events;
  struct stream *stream = CONTAINER(source, struct stream, source);
  if (stream->paused || stream->held) return;
  if (has_to_wait(leaf_of(stream))) hold(stream);
  else read_some(stream);
  if ((stream->paused || stream->held) && stream->source.fd >= 0) source_change(&stream->source, EPOLLET);
}

void output_release(void) {
  while (held_streams != NULL) {
    struct stream *stream = held_streams;
    held_streams = stream->held_next;
    stream->held = false;
    if (!stream->paused) source_change(&stream->source, EPOLLIN);
  }
}

/* Before it is closed: its leaf may be given up then. */
static void unhold(struct stream *stream) {
  for (struct stream **at = &held_streams; stream->held && *at != NULL; at = &(*at)->held_next) {
    if (*at != stream) continue;
    *at = stream->held_next;
    break;
  }
  stream->held = false;
}

bool output_can_finish(const struct leaf *leaf) { return !has_to_wait(leaf); }

void output_open(struct leaf *leaf, int stdout_fd, int stderr_fd) {
  for (int i = 0; i < 2; i++) {
    struct stream *stream = &leaf->streams[i];
    stream->source.fd = i == 0 ? stdout_fd : stderr_fd;
    stream->continued = stream->paused = false;
    stream->lost_lines = stream->lost_bytes = 0;
    stream->source.on_ready = on_output;
    stream->timer.on_due = on_unfinished;
    if (!source_watch(&stream->source, EPOLLIN)) die("epoll_ctl");
  }
}

/* Its log can be written again. */
void output_resume(struct leaf *leaf) {
  for (int i = 0; i < 2; i++) {
    struct stream *stream = &leaf->streams[i];
    if (stream->paused && !stream->held) source_change(&stream->source, EPOLLIN);
    stream->paused = false;
  }
}

/* All of it has ended, so what it has written is in the pipe by now; only a stranger can still hold that. */
void output_finish(struct leaf *leaf) {
  for (int i = 0; i < 2; i++) {
    struct stream *stream = &leaf->streams[i];
    unhold(stream);
    for (int k = 0; k < FINAL_READS && stream->source.fd >= 0 && read_some(stream); k++) continue;
    if (stream->source.fd >= 0) close_stream(stream);
    tell_gap(stream, true);
  }
}
