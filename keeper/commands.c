/* What the brain commands. Every field is checked before anything is done; of a frame that is wrong it is said why. */
#include "keeper.h"

#include <stdlib.h>
#include <string.h>

#include "wire.h"

/* The leaf whose current incarnation the next two fields name; null if it is none. */
static struct leaf *read_leaf(struct reader *r) {
  struct leaf *leaf = leaf_get(read_u32(r));
  uint32_t incarnation = read_u32(r);
  return leaf != NULL && leaf->incarnation == incarnation ? leaf : NULL;
}

static const char *env(const uint8_t *payload, uint32_t size) {
  struct reader r = {payload, payload + size, false};
  if (size > STRINGS_BYTES_MAX) return "ENV: too long";
  for (int i = 0; r.at < r.end; i++) {
    const char *variable = read_string(&r, STRINGS_BYTES_MAX);
    if (i == STRINGS_MAX) return "ENV: more than 4096 variables";
    if (variable == NULL || variable[0] == '=' || strchr(variable, '=') == NULL) return "ENV: not NAME=value";
  }
  environment_set(payload, size);
  return NULL;
}

static const char *spec(const uint8_t *payload, uint32_t size) {
  struct reader r = {payload, payload + size, false};
  const char *problem = NULL;
  uint32_t number = read_u32(&r);
  if (number >= LEAVES_MAX) return "SPEC: the leaf number is too high";
  struct spec *spec = spec_read(payload, size, &problem);
  if (spec == NULL) return problem;
  struct leaf *leaf = leaf_get(number);
  if (leaf != NULL && strcmp(leaf_path(leaf), spec->strings) != 0) {
    free(spec);
    return "SPEC: the number has another path";
  }
  if (leaf == NULL) leaf = leaf_make(number);
  leaf->gone = false;
  if (spec->flags & SPEC_OUTPUT) leaf->output = true;
  leaf_set_spec(leaf, spec);
  return NULL;
}

static const char *start(struct reader *r) {
  struct leaf *leaf = leaf_get(read_u32(r));
  uint32_t incarnation = read_u32(r), after_leaf = read_u32(r), after_incarnation = read_u32(r);
  if (leaf == NULL) return "SPAWN: the leaf has no SPEC";
  if (incarnation == 0) return "SPAWN: incarnations count from 1";
  if (after_leaf == NO_LEAF ? after_incarnation != 0 : after_leaf >= LEAVES_MAX) return "SPAWN: after which leaf";
  leaf_spawn(leaf, incarnation, after_leaf, after_incarnation);
  return NULL;
}

static const char *stop(struct reader *r) {
  struct leaf *leaf = read_leaf(r);
  uint32_t shutdown = read_u32(r);
  if (read_u32(r) != 0) return "STOP: its last field is 0";
  if (leaf != NULL) leaf_stop(leaf, shutdown);
  return NULL;
}

static const char *signal_leaf(struct reader *r) {
  struct leaf *leaf = read_leaf(r);
  uint16_t number = read_u16(r), to = read_u16(r);
  uint32_t ticket = read_u32(r);
  if (number < 1 || number > SIGNAL_MAX || to > 1) return "SIGNAL: 1 to 64, to leader or group";
  uint8_t answer[8];
  struct writer w = {answer};
  write_u32(&w, ticket);
  write_u32(&w, leaf == NULL ? ESRCH : leaf_signal(leaf, number, to == 1));
  brain_frame_reserved(SIGNALLED, answer, sizeof answer);
  return NULL;
}

static const char *set_output(struct reader *r) {
  struct leaf *leaf = leaf_get(read_u32(r));
  uint32_t on = read_u32(r);
  if (on > 1) return "SET_OUTPUT: 0 or 1";
  if (leaf != NULL) leaf->output = on == 1;
  return NULL;
}

static const char *lease(const uint8_t *payload, uint32_t size) {
  struct reader r = {payload, payload + size, false};
  uint8_t kind = read_u8(&r);
  uint64_t zero = read_uint(&r, 7), value = read_u64(&r);
  const char *prefix = read_string(&r, PATH_LIMIT);
  if (r.bad || r.at != r.end || zero != 0) return "LEASE: its fields";
  if (kind > LEASE_KILL_AT && kind != LEASE_FORGET) return "LEASE: unknown kind";
  if (kind != LEASE_STOP_AFTER && kind != LEASE_KILL_AT && value != 0) return "LEASE: this kind has no value";
  if (kind == LEASE_STOP_AFTER && value > NEVER / MS / 4) return "LEASE: too long";
  return lease_set(kind, value, prefix) ? NULL : "LEASE: more than 256 prefixes";
}

static const char *gone(struct reader *r) {
  struct leaf *leaf = leaf_get(read_u32(r));
  if (leaf == NULL) return NULL;
  leaf->gone = true;
  if (leaf->state == FREE && !leaf->in_queue) leaf_forget(leaf);
  return NULL;
}

/* The sizes of those that have only one. */
static uint32_t size_of(uint8_t type) {
  switch (type) {
    case SPAWN: case STOP: case SIGNAL: return 16;
    case ACK: case SET_OUTPUT: case PING: return 8;
    case GONE: return 4;
    case KILL_ALL: case QUIT: return 0;
    default: return UINT32_MAX;
  }
}

const char *command(uint8_t type, const uint8_t *payload, uint32_t size) {
  struct reader r = {payload, payload + size, false};
  const char *problem = NULL;
  if (size_of(type) != UINT32_MAX && size_of(type) != size) return "the size of a frame";
  switch (type) {
    case HELLO: brain_hello(payload, size, &problem); return problem;
    case ENV: return env(payload, size);
    case SPEC: return spec(payload, size);
    case SPAWN: return start(&r);
    case STOP: return stop(&r);
    case SIGNAL: return signal_leaf(&r);
    case ACK: brain_acknowledge(read_u64(&r)); return NULL;
    case SET_OUTPUT: return set_output(&r);
    case LEASE: return lease(payload, size);
    case KILL_ALL: leaves_kill(); return NULL;
    case QUIT: leaves_quit(); return NULL;
    case PING: brain_frame_reserved(PONG, payload, size); return NULL;
    case GONE: return gone(&r);
    default: return "an unknown type of frame";
  }
}
