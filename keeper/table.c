/* Leaves by their number, and processes by their pid. */
#include "keeper.h"

#include <stdlib.h>
#include <string.h>

#include "wire.h"

uint32_t leaf_numbers, leaves_in_use, leaves_alive;

static struct leaf **leaves; /* leaf_numbers of them, null where a number is not in use */
static struct leaf *forgotten;

/* ---------------------------------------------------------------- leaves */

struct leaf *leaf_get(uint32_t number) { return number < leaf_numbers ? leaves[number] : NULL; }

struct leaf *leaf_make(uint32_t number) {
  if (number >= leaf_numbers) {
    uint32_t wanted = leaf_numbers == 0 ? 64 : leaf_numbers;
    while (wanted <= number) wanted *= 2;
    leaves = realloc(leaves, wanted * sizeof *leaves);
    if (leaves == NULL) die("memory for leaves");
    memset(leaves + leaf_numbers, 0, (wanted - leaf_numbers) * sizeof *leaves);
    leaf_numbers = wanted;
  }
  struct leaf *leaf = calloc(1, sizeof *leaf);
  if (leaf == NULL) die("memory for a leaf");
  leaf->number = number;
  leaf->group_fd = leaf->stdin_fd = -1;
  leaf->kill_at = NEVER;
  for (int i = 0; i < 2; i++) {
    leaf->streams[i].source.fd = -1;
    leaf->streams[i].number = (uint8_t)(i + 1);
  }
  leaves[number] = leaf;
  leaves_in_use++;
  return leaf;
}

/* Epoll may have reported an event of it in this turn, so its memory stays until the turn is over. */
void leaf_forget(struct leaf *leaf) {
  cgroup_forget(leaf);
  leaves[leaf->number] = NULL;
  leaves_in_use--;
  leaf->queue_next = forgotten;
  forgotten = leaf;
}

void leaf_free_forgotten(void) {
  while (forgotten != NULL) {
    struct leaf *leaf = forgotten;
    forgotten = leaf->queue_next;
    log_free(leaf);
    free(leaf->spec);
    free(leaf->next_spec);
    free(leaf->channel);
    free(leaf);
  }
}

/* The leaf whose current incarnation this is, if it has not ended. */
struct leaf *leaf_named(const char *path, uint32_t incarnation) {
  for (uint32_t i = 0; i < leaf_numbers; i++) {
    struct leaf *leaf = leaves[i];
    if (leaf == NULL || leaf->state < RUNNING || leaf->incarnation != incarnation) continue;
    if (strcmp(leaf_path(leaf), path) == 0) return leaf;
  }
  return NULL;
}

/* ---------------------------------------------------------------- processes: open addressing, no tombstones */

struct slot {
  pid_t pid; /* 0: empty */
  enum pid_kind kind;
  void *owner;
};

static struct slot *slots;
static uint32_t mask, used;

static uint32_t home(pid_t pid) { return ((uint32_t)pid * 2654435761u) & mask; }

static uint32_t slot_of(pid_t pid) {
  uint32_t i = home(pid);
  while (slots[i].pid != 0 && slots[i].pid != pid) i = (i + 1) & mask;
  return i;
}

static void grow(void) {
  struct slot *old = slots;
  uint32_t size = old == NULL ? 0 : mask + 1;
  mask = size == 0 ? 127 : 2 * size - 1;
  slots = calloc((size_t)mask + 1, sizeof *slots);
  if (slots == NULL) die("memory for processes");
  for (uint32_t i = 0; i < size; i++) {
    if (old[i].pid != 0) slots[slot_of(old[i].pid)] = old[i];
  }
  free(old);
}

enum pid_kind pid_find(pid_t pid, void **owner) {
  if (slots == NULL || pid <= 1) return PID_NONE;
  struct slot *slot = &slots[slot_of(pid)];
  if (slot->pid == 0) return PID_NONE;
  if (owner != NULL) *owner = slot->owner;
  return slot->kind;
}

/* Replaces an entry of this number: a process that has the number proves that the group which had it is gone. */
void pid_add(pid_t pid, enum pid_kind kind, void *owner) {
  if (slots == NULL || 2 * used >= mask) grow();
  struct slot *slot = &slots[slot_of(pid)];
  if (slot->pid == 0) used++;
  *slot = (struct slot){pid, kind, owner};
}

void pid_remove(pid_t pid, const void *owner) {
  if (slots == NULL || pid <= 1) return;
  uint32_t hole = slot_of(pid);
  if (slots[hole].pid == 0 || slots[hole].owner != owner) return;
  used--;
  /* Those behind the hole move up, unless they would then stand before their home. */
  for (uint32_t i = (hole + 1) & mask; slots[i].pid != 0; i = (i + 1) & mask) {
    uint32_t distance = (i - home(slots[i].pid)) & mask;
    if (distance < ((i - hole) & mask)) continue;
    slots[hole] = slots[i];
    hole = i;
  }
  slots[hole].pid = 0;
}
