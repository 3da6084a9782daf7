/* Reading and writing frames. What comes from outside is checked here or in commands.c before it is used. */
#include "keeper.h"

#include "wire.h"

#include <stdlib.h>
#include <string.h>

const char *read_string(struct reader *r, size_t limit) {
  size_t left = (size_t)(r->end - r->at);
  const uint8_t *nul = left == 0 ? NULL : memchr(r->at, 0, left > limit + 1 ? limit + 1 : left);
  if (nul == NULL) { r->bad = true; r->at = r->end; return NULL; }
  const char *text = (const char *)r->at;
  r->at = nul + 1;
  return text;
}

void write_header(uint8_t *at, uint32_t size, uint8_t type) {
  struct writer w = {at};
  write_u32(&w, size);
  write_u32(&w, type); /* the type, and three zero bytes */
}

/* FNV-1a. */
uint64_t hash_of(const uint8_t *bytes, size_t size) {
  uint64_t hash = 0xcbf29ce484222325ull;
  for (size_t i = 0; i < size; i++) hash = (hash ^ bytes[i]) * 0x100000001b3ull;
  return hash;
}

static const char *check(const struct spec *spec) {
  if (spec->argc < 1 || spec->argc > STRINGS_MAX) return "SPEC: 1 to 4096 arguments";
  if (spec->envc > STRINGS_MAX) return "SPEC: at most 4096 variables";
  if (spec->signal < 1 || spec->signal > SIGNAL_MAX) return "SPEC: the stop signal is 1 to 64";
  if (spec->stop_to > 1 || spec->stdin_kind > 1 || spec->full > 1) return "SPEC: stop to, stdin, full log: 0 or 1";
  if (spec->ready > READY_NOTIFY || spec->beat > BEAT_NOTIFY) return "SPEC: unknown readiness or heartbeat";
  if (spec->flags & ~(uint32_t)SPEC_FLAGS) return "SPEC: unknown flags";
  if (spec->shutdown == SHUTDOWN_OWN) return "SPEC: a shutdown cannot refer to itself";
  bool needs_fd = spec->ready == READY_DESCRIPTOR || spec->beat == BEAT_DESCRIPTOR;
  if (needs_fd && (spec->fd < 3 || spec->fd > 255)) return "SPEC: the descriptor is 3 to 255";
  if (!needs_fd && spec->fd != 0) return "SPEC: a descriptor that nothing uses";
  return NULL;
}

/* Where the next of the strings begins; `limit` as in read_string. */
static uint32_t string_at(struct reader *r, const uint8_t *strings, size_t limit, const char *first, bool *wrong) {
  uint32_t at = (uint32_t)(r->at - strings);
  const char *text = read_string(r, limit);
  if (text == NULL || (first != NULL && text[0] != '\0' && text[0] != first[0])) *wrong = true;
  return at;
}

struct spec *spec_read(const uint8_t *payload, uint32_t size, const char **problem) {
  struct reader r = {payload, payload + size, false};
  if (size < SPEC_FIXED || size > SPEC_FIXED + STRINGS_BYTES_MAX) { *problem = "SPEC: its size"; return NULL; }
  struct spec fixed = {.hash = hash_of(payload + 4, size - 4)};
  read_u32(&r); /* the leaf */
  fixed.shutdown = read_u32(&r);
  fixed.beat_ms = read_u32(&r);
  fixed.flags = read_u32(&r);
  fixed.log_size = read_u64(&r);
  fixed.log_total = read_u64(&r);
  fixed.log_age = read_u32(&r);
  fixed.log_files = read_u32(&r);
  fixed.argc = read_u16(&r);
  fixed.envc = read_u16(&r);
  fixed.signal = read_u8(&r);
  fixed.stop_to = read_u8(&r);
  fixed.stdin_kind = read_u8(&r);
  fixed.ready = read_u8(&r);
  fixed.beat = read_u8(&r);
  fixed.full = read_u8(&r);
  fixed.fd = read_u16(&r);
  bool wrong = read_u32(&r) != 0;
  if ((*problem = check(&fixed)) != NULL) return NULL;
  if (fixed.log_size == 0) fixed.log_size = 16 << 20;
  if (fixed.log_files == 0) fixed.log_files = 10;

  const uint8_t *strings = r.at;
  string_at(&r, strings, PATH_LIMIT, NULL, &wrong);
  fixed.cwd = string_at(&r, strings, FRAME_MAX, "/", &wrong);
  if (!wrong && strings[fixed.cwd] == '\0') wrong = true;
  fixed.log = string_at(&r, strings, FRAME_MAX, "/", &wrong);
  fixed.cgroup = string_at(&r, strings, FRAME_MAX, "/", &wrong);
  fixed.argv = (uint32_t)(r.at - strings);
  for (int i = 0; i < fixed.argc && !r.bad; i++) read_string(&r, FRAME_MAX);
  fixed.env = (uint32_t)(r.at - strings);
  for (int i = 0; i < fixed.envc && !r.bad; i++) {
    const char *variable = read_string(&r, FRAME_MAX);
    if (variable != NULL && (variable[0] == '=' || variable[0] == '\0')) wrong = true;
  }
  if (r.bad || wrong || r.at != r.end) { *problem = "SPEC: its strings"; return NULL; }

  size_t length = (size_t)(r.end - strings);
  struct spec *spec = malloc(sizeof *spec + length);
  if (spec == NULL) die("memory for a spec");
  *spec = fixed;
  memcpy(spec->strings, strings, length);
  return spec;
}
