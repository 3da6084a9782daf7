/*
 * The environment of a leaf: what its spec sets and what we add, over the base environment without what the spec sets
 * or removes. Of variables of the same name the first one that was added counts.
 */
#include "keeper.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wire.h"

enum { ADDED_MAX = 7, NAMES = 4 * STRINGS_MAX };

static char *base_text;
static const char *base[STRINGS_MAX];
static uint32_t base_count;

static char *variables[2 * STRINGS_MAX + ADDED_MAX + 1];
static uint32_t count;

void environment_set(const uint8_t *strings, uint32_t size) {
  free(base_text);
  base_text = malloc((size_t)size + 1);
  if (base_text == NULL) die("memory for the environment");
  memcpy(base_text, strings, size);
  base_text[size] = '\0';
  base_count = 0;
  for (uint32_t at = 0; at < size && base_count < STRINGS_MAX; at += (uint32_t)strlen(base_text + at) + 1) {
    base[base_count++] = base_text + at;
  }
}

static size_t name_length(const char *variable) { return strcspn(variable, "="); }

/* ---------------------------------------------------------------- the names that are taken */

static const char *names[NAMES];
static uint32_t names_mask;

static void names_clear(uint32_t expected) {
  uint32_t size = 32;
  while (size < 2 * (expected + ADDED_MAX)) size *= 2;
  names_mask = size - 1; /* at most NAMES: 2 × (4096 + 7) is below it */
  memset(names, 0, ((size_t)names_mask + 1) * sizeof *names);
}

/* True if the name was free. At most STRINGS_MAX + ADDED_MAX are taken, so there is always a free place. */
static bool names_take(const char *variable, bool only_ask) {
  size_t length = name_length(variable);
  uint32_t i = (uint32_t)hash_of((const uint8_t *)variable, length) & names_mask;
  for (; names[i] != NULL; i = (i + 1) & names_mask) {
    if (strncmp(names[i], variable, length) == 0 && name_length(names[i]) == length) return false;
  }
  if (!only_ask) names[i] = variable;
  return true;
}

static void add(const char *variable) {
  if (names_take(variable, false)) variables[count++] = (char *)variable;
}

/* ---------------------------------------------------------------- one leaf */

/* Ours come first: what looks for strays then finds them at the beginning. Valid until the next call. */
char **environment_of(struct leaf *leaf, char **pid_text) {
  static char path[PATH_LIMIT + 32], incarnation[48], fd[32], beat[48], socket[160], watchdog[48], pid[40];
  const struct spec *spec = leaf->spec;
  count = 0;
  *pid_text = NULL;
  names_clear(spec->envc);
  snprintf(path, sizeof path, "SUPERVISE_PATH=%s", leaf_path(leaf));
  add(path);
  snprintf(incarnation, sizeof incarnation, "SUPERVISE_INCARNATION=%u", leaf->incarnation);
  add(incarnation);
  if (spec->fd != 0) {
    snprintf(fd, sizeof fd, "SUPERVISE_FD=%u", spec->fd);
    add(fd);
  }
  if (spec->beat == BEAT_DESCRIPTOR) {
    snprintf(beat, sizeof beat, "SUPERVISE_BEAT_MS=%u", spec->beat_ms);
    add(beat);
  }
  if (spec->ready == READY_NOTIFY || spec->beat == BEAT_NOTIFY || (spec->flags & SPEC_NOTIFY)) {
    snprintf(socket, sizeof socket, "NOTIFY_SOCKET=%s", notify_address());
    add(socket);
  }
  if (spec->beat == BEAT_NOTIFY) {
    snprintf(watchdog, sizeof watchdog, "WATCHDOG_USEC=%llu", 2000ull * spec->beat_ms);
    add(watchdog);
    strcpy(pid, "WATCHDOG_PID=");
    *pid_text = pid + strlen(pid);
    add(pid);
  }
  const char *own = spec->strings + spec->env;
  for (int i = 0; i < spec->envc; i++, own += strlen(own) + 1) {
    if (strchr(own, '=') != NULL) add(own);
    else names_take(own, false);
  }
  for (uint32_t i = 0; i < base_count; i++) {
    if (names_take(base[i], true)) variables[count++] = (char *)base[i];
  }
  variables[count] = NULL;
  return variables;
}

/* The value that a leaf was given; null if it has none. */
const char *environment_find(const struct leaf *leaf, const char *name) {
  size_t length = strlen(name);
  const char *own = leaf->spec->strings + leaf->spec->env;
  for (int i = 0; i < leaf->spec->envc; i++, own += strlen(own) + 1) {
    if (strncmp(own, name, length) != 0) continue;
    if (own[length] == '=') return own + length + 1;
    if (own[length] == '\0') return NULL;
  }
  for (uint32_t i = 0; i < base_count; i++) {
    if (strncmp(base[i], name, length) == 0 && base[i][length] == '=') return base[i] + length + 1;
  }
  return NULL;
}
