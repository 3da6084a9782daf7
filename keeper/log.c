/*
 * The log of a leaf: one line an entry, in the format of the Container Runtime Interface, which log shippers read:
 *
 *   2026-11-27T09:40:06.123456789Z stdout F the text        F: a whole line, or the last piece of one; P: a piece
 *
 * When it cannot be written (the disk is full), the leaf runs on. Either its pipes are not read until there is room, or
 * its lines are dropped and counted; then an entry of ours says how many are missing there.
 */
#include "log.h"

#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "wire.h"

/* The analyser of gcc 12 loses track of `backlog` where set_aside is called within catch_up. */
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic ignored "-Wanalyzer-malloc-leak"
#endif

enum { PREFIX = 40, COOKED_BYTES = 256 * 1024 };

static char cooked[COOKED_BYTES + LINE_LIMIT + 2 * PREFIX];
static size_t cooked_size;

/* ---------------------------------------------------------------- trouble */

static void tell(const struct log *log, uint64_t lines, uint64_t bytes) {
  uint8_t payload[32];
  struct writer w = {payload};
  write_u32(&w, log->leaf->number);
  write_u32(&w, log->leaf->incarnation);
  write_u32(&w, (uint32_t)log->error);
  write_u32(&w, 0);
  write_u64(&w, lines);
  write_u64(&w, bytes);
  brain_frame(LOG, payload, sizeof payload, NULL, 0);
}

static void fail(struct log *log, int error) {
  log->error = error;
  timer_set(&log->retry, now + LOG_RETRY_MS * MS);
  if (log->is_told) return;
  log->is_told = true;
  tell(log, log->lost_lines, log->lost_bytes);
}

/* Entries that will never be written. Their prefixes are not the leaf's. */
static void lose(struct log *log, const char *entries, size_t size) {
  for (const char *at = entries, *end = entries + size; at < end;) {
    const char *next = (const char *)memchr(at, '\n', (size_t)(end - at)) + 1;
    if (at[PREFIX - 2] == 'F') log->lost_lines++;
    log->lost_bytes += (size_t)(next - at) - PREFIX - 1;
    at = next;
  }
}

static bool make_room(struct log *log, size_t size) {
  size_t wanted = log->backlog_size + size, room = log->backlog_room;
  if (wanted > LOG_BACKLOG_BYTES) return false;
  if (wanted <= room) return true;
  while (room < wanted) room = room == 0 ? COOKED_BYTES : 2 * room;
  char *grown = realloc(log->backlog, room);
  if (grown == NULL) return false;
  log->backlog = grown;
  log->backlog_room = room;
  return true;
}

static void set_aside(struct log *log, const char *entries, size_t size) {
  if (log->drops || !make_room(log, size)) return lose(log, entries, size);
  memcpy(log->backlog + log->backlog_size, entries, size);
  log->backlog_size += size;
}

/* What is in it is lost. */
static void drop_backlog(struct log *log) {
  char *backlog = log->backlog;
  if (backlog == NULL) return;
  lose(log, backlog, log->backlog_size);
  log->backlog = NULL;
  log->backlog_size = log->backlog_room = 0;
  free(backlog);
}

/* Whole entries only: what was written of one that did not fit is cut off again. Answers how much is in the file. */
static size_t write_entries(struct log *log, const char *entries, size_t size) {
  size_t done = 0;
  int error = 0;
  while (done < size && error == 0) {
    ssize_t n = write(log->fd, entries + done, size - done);
    if (n >= 0) done += (size_t)n;
    else if (errno != EINTR) error = errno;
  }
  if (error != 0) {
    const char *last = done == 0 ? NULL : memrchr(entries, '\n', done);
    size_t whole = last == NULL ? 0 : (size_t)(last - entries) + 1;
    if (whole < done && ftruncate(log->fd, (off_t)(log->size + whole)) == 0) done = whole;
    fail(log, error);
  }
  log->size += done;
  return done;
}

static void write_cooked(struct log *log) {
  size_t done = log->error != 0 ? 0 : write_entries(log, cooked, cooked_size);
  if (done < cooked_size) set_aside(log, cooked + done, cooked_size - done);
  cooked_size = 0;
}

/* An entry of ours is not counted when it is lost. */
static void write_ours(struct log *log) {
  if (log->error == 0) {
    size_t done = write_entries(log, cooked, cooked_size);
    if (done == cooked_size) cooked_size = 0;
  }
  if (cooked_size > 0 && !log->drops) write_cooked(log);
  cooked_size = 0;
}

/* ---------------------------------------------------------------- entries */

static char prefix[2 * PREFIX];
static uint64_t prefix_second;

/* The time is that of the read, so it is the same for all lines that came together. */
static void stamp(int stream) {
  static time_t second;
  static char text[24];
  struct timespec t;
  clock_gettime(CLOCK_REALTIME, &t);
  if (t.tv_sec != second || text[0] == '\0') {
    struct tm parts;
    gmtime_r(&t.tv_sec, &parts);
    strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &parts);
    second = t.tv_sec;
  }
  prefix_second = (uint64_t)t.tv_sec;
  snprintf(prefix, sizeof prefix, "%s.%09ldZ %s F ", text, t.tv_nsec, stream == 1 ? "stdout" : "stderr");
}

static bool is_full(const struct log *log, size_t more) {
  if (log->error != 0 || log->size + cooked_size == 0) return false;
  if (log->within_line && log->size + cooked_size < 2 * log->rotate_size) return false; /* if possible not in a line */
  if (log->size + cooked_size + more > log->rotate_size) return true;
  return log->rotate_age != 0 && prefix_second > log->born + log->rotate_age;
}

static void add(struct log *log, const char *text, size_t size, bool continues) {
  size_t length = PREFIX + size + 1;
  if (is_full(log, length)) {
    write_cooked(log);
    int error = log->error != 0 ? 0 : logfile_rotate(log);
    if (error != 0) fail(log, error);
  }
  if (cooked_size + length > sizeof cooked) write_cooked(log);
  memcpy(cooked + cooked_size, prefix, PREFIX);
  cooked[cooked_size + PREFIX - 2] = continues ? 'P' : 'F';
  memcpy(cooked + cooked_size + PREFIX, text, size);
  cooked[cooked_size + length - 1] = '\n';
  cooked_size += length;
  log->within_line = continues;
}

/* An entry of ours. */
static void say(struct log *log, const char *format, ...) {
  char text[PATH_LIMIT + 256];
  va_list arguments;
  va_start(arguments, format);
  int length = vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  stamp(2);
  add(log, text, length < 0 ? 0 : (size_t)length < sizeof text ? (size_t)length : sizeof text - 1, false);
}

/* Whole lines, or a piece. False: do not read on, what was read is kept until it can be written. */
bool log_text(struct leaf *leaf, int stream, const char *text, size_t size, bool continues) {
  struct log *log = leaf->log;
  stamp(stream);
  const char *end = text + size;
  if (size == 0) add(log, text, 0, continues);
  while (text < end) {
    const char *newline = memchr(text, '\n', (size_t)(end - text));
    size_t length = (size_t)((newline == NULL ? end : newline) - text);
    add(log, text, length, newline == NULL && continues);
    text += length + (newline != NULL);
  }
  write_cooked(log);
  return log->error == 0 || log->drops;
}

/* ---------------------------------------------------------------- catching up */

static void say_gap(struct log *log) {
  if (log->lost_lines == 0 && log->lost_bytes == 0) return;
  say(log, "--- %llu lines (%llu bytes) are missing here, as the log could not be written ---",
    (unsigned long long)log->lost_lines, (unsigned long long)log->lost_bytes);
}

/* What was set aside comes first, as it is older than what was lost. The brain hears how much that was in the end. */
static void catch_up(struct log *log) {
  uint64_t lines = log->lost_lines, bytes = log->lost_bytes;
  if (log->fd < 0) {
    int error = logfile_open(log);
    if (error != 0) return fail(log, error);
  }
  log->error = 0;
  if (log->backlog != NULL) {
    size_t done = write_entries(log, log->backlog, log->backlog_size);
    log->backlog_size -= done;
    memmove(log->backlog, log->backlog + done, log->backlog_size);
    if (log->error != 0) return;
  }
  if (log->lost_lines != 0 || log->lost_bytes != 0) {
    say_gap(log);
    size_t size = cooked_size;
    cooked_size = 0;
    if (write_entries(log, cooked, size) < size) return;
    log->lost_lines = log->lost_bytes = 0;
  }
  drop_backlog(log);
  timer_clear(&log->retry);
  if (!log->is_told) return;
  log->is_told = false;
  tell(log, lines, bytes);
}

static void on_retry(struct timer *timer) {
  struct log *log = CONTAINER(timer, struct log, retry);
  catch_up(log);
  if (log->error != 0) return; /* and its timer is set again */
  if (log->leaf->state < RUNNING) log_close(log->leaf);
  else output_resume(log->leaf);
}

/* ---------------------------------------------------------------- an incarnation */

static void configure(struct log *log, const struct spec *spec) {
  log->rotate_size = spec->log_size;
  log->rotate_age = spec->log_age;
  log->total = spec->log_total;
  log->files = spec->log_files;
  log->drops = spec->full == 1;
  if (log->folder != NULL && strcmp(log->folder, spec->strings + spec->log) == 0) return;
  free(log->folder);
  log->folder = strdup(spec->strings + spec->log);
  if (log->folder == NULL) die("memory for a log");
}

/* Before its start, so that it can be told where its output begins. */
void log_open(struct leaf *leaf) {
  if (leaf->spec->strings[leaf->spec->log] == '\0') return log_free(leaf);
  if (leaf->log == NULL) {
    leaf->log = calloc(1, sizeof *leaf->log);
    if (leaf->log == NULL) die("memory for a log");
    leaf->log->leaf = leaf;
    leaf->log->fd = -1;
    leaf->log->retry.on_due = on_retry;
  }
  configure(leaf->log, leaf->spec);
  if (leaf->log->fd < 0 || leaf->log->error != 0) catch_up(leaf->log);
}

uint64_t log_offset(struct leaf *leaf) { return leaf->log == NULL ? 0 : leaf->log->size; }

void log_begin(struct leaf *leaf) {
  if (leaf->log == NULL) return;
  say(leaf->log, "--- %s: incarnation %u begins, pid %d ---", leaf_path(leaf), leaf->incarnation, (int)leaf->pid);
  write_ours(leaf->log);
}

/* What is still set aside, or to be said, waits until there is room, also when nothing runs any more. */
void log_end(struct leaf *leaf) {
  struct log *log = leaf->log;
  if (log == NULL) return;
  if (log->error != 0) catch_up(log);
  const char *how = leaf->ending->how == HOW_CODE ? "with code" : "by signal";
  say(log, "--- %s: incarnation %u ended %s %u ---", leaf_path(leaf), leaf->incarnation, how, leaf->ending->status);
  write_ours(log);
  log_close(leaf);
}

/* Until the next incarnation; but one that has something to catch up with goes on trying. */
void log_close(struct leaf *leaf) {
  if (leaf->log != NULL && leaf->log->error == 0) logfile_close(leaf->log);
}

void log_free(struct leaf *leaf) {
  if (leaf->log == NULL) return;
  timer_clear(&leaf->log->retry);
  logfile_close(leaf->log);
  drop_backlog(leaf->log);
  free(leaf->log->folder);
  free(leaf->log);
  leaf->log = NULL;
}
