/*
 * Fuzzing of what a brain may send. The input is its bytes in pieces, each with a byte before it that says how long it
 * is; some of these bytes instead say that a process has ended. Nothing is started, signalled or written to a file:
 * those calls are stubs, of which every second start fails. So it is built with every file of keeper/ but main.c,
 * guard.c, launch.c, logfile.c and cgroup.c:
 *
 *   clang -std=c11 -g -O1 -fsanitize=fuzzer,address,undefined -DFUZZ $sources -o fuzz
 *   ./fuzz -max_total_time=60 -max_len=65536 -close_fd_mask=2 test/keeper/corpus
 *
 * Where there is no libFuzzer, -DFUZZ_MAIN adds a main that runs files, and mutations of them, for some seconds:
 *   ./fuzz 60 SEED FILE… 2> what-it-said
 */
#include "../../keeper/keeper.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../../keeper/log.h"
#include "../../keeper/wire.h"

struct rlimit files_limit;

/* ---------------------------------------------------------------- stubs */

static pid_t last_pid = 100000;
static unsigned starts;

pid_t launch(struct launch *l, int cgroup_fd) {
  (void)cgroup_fd;
  l->error = 0;
  for (char **at = l->envp; *at != NULL; at++) starts += (unsigned)strlen(*at) & 1;
  for (char **at = l->argv; *at != NULL; at++) starts += (unsigned)strlen(*at) & 1;
  if (starts++ % 2 == 0) return ++last_pid;
  l->error = ENOENT;
  l->stage = STAGE_PROGRAM;
  return -1;
}

int cgroup_open(const struct spec *spec, char *procs, size_t size, uint32_t *error) {
  snprintf(procs, size, "%s/cgroup.procs", spec->strings + spec->cgroup);
  if (spec->strings[spec->cgroup] != '\0' && starts % 4 == 1) *error = EAGAIN;
  return -1;
}

void cgroup_each(const struct leaf *leaf, void (*each)(pid_t, pid_t parent, void *), void *context) {
  (void)leaf;
  (void)each;
  (void)context;
}

bool cgroup_kill(struct leaf *leaf) { return leaf->number % 2 == 0; }
void cgroup_remove(struct leaf *leaf) { (void)leaf; }
void cgroup_forget(struct leaf *leaf) { (void)leaf; }
void cgroup_rest(struct leaf *leaf) { (void)leaf; }
uint64_t cgroup_oom_kills(const struct leaf *leaf) { return leaf->highest; }

int kill(pid_t pid, int signal) {
  if (pid == 0 || pid == 1 || pid == -1) abort(); /* what must never happen */
  (void)signal;
  errno = ESRCH;
  return -1;
}

int mkdir(const char *path, mode_t mode) {
  (void)path;
  (void)mode;
  return 0;
}

int rmdir(const char *path) {
  (void)path;
  return 0;
}

int logfile_open(struct log *log) {
  if (starts++ % 3 == 0) return ENOSPC;
  log->fd = open("/dev/null", O_RDWR | O_CLOEXEC);
  return log->fd < 0 ? errno : 0;
}

void logfile_close(struct log *log) {
  if (log->fd >= 0) close(log->fd);
  log->fd = -1;
}

int logfile_rotate(struct log *log) {
  logfile_close(log);
  return logfile_open(log);
}

/* ---------------------------------------------------------------- one run */

enum { OURS, THEIRS, LATEST_MS = 20000 };
static int ends[2] = {-1, -1};

void fuzz_turn(void);

static void drain(void) {
  static uint8_t sink[1 << 20];
  while (recv(ends[THEIRS], sink, sizeof sink, MSG_DONTWAIT) > 0) continue;
}

static void end_one(unsigned which) {
  for (uint32_t i = 0; i < leaf_numbers; i++) {
    struct leaf *leaf = leaf_get((i + which) % leaf_numbers);
    if (leaf == NULL || leaf->state != RUNNING) continue;
    struct ending ending = {.how = HOW_CODE, .status = which};
    leaf_leader_ended(leaf, &ending);
    return;
  }
}

static void connect_again(void) {
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) < 0) abort();
  brain_open(NULL, ends[OURS]);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
  static bool is_open;
  if (!is_open) {
    is_open = true;
    events_open();
    notify_open(NULL);
  }
  closed = false;
  connect_again();
  const uint8_t *end = bytes + size;
  while (bytes < end) {
    size_t piece = *bytes++;
    if (piece >= 0xf0) {
      end_one((unsigned)piece & 0xf);
    } else {
      piece = piece >= 0xc0 ? (piece & 0x3f) << 10 : piece;
      if (piece > (size_t)(end - bytes)) piece = (size_t)(end - bytes);
      if (send(ends[THEIRS], bytes, piece, MSG_NOSIGNAL | MSG_DONTWAIT) < 0) break;
      bytes += piece;
    }
    fuzz_turn();
    drain();
  }
  close(ends[THEIRS]);
  fuzz_turn();
  /* Every run begins with no leaf. */
  for (uint32_t i = 0; i < leaf_numbers; i++) {
    struct leaf *leaf = leaf_get(i);
    if (leaf == NULL) continue;
    leaf_stop(leaf, SHUTDOWN_KILL);
    leaf->gone = true;
    struct ending ending = {.how = HOW_SIGNAL, .status = SIGKILL};
    if (leaf->state == RUNNING) leaf_leader_ended(leaf, &ending);
    else if (leaf->state == FREE && !leaf->in_queue) leaf_forget(leaf);
  }
  for (uint64_t late = clock_now() + LATEST_MS * MS; leaves_in_use > 0 && clock_now() < late;) fuzz_turn();
  if (leaves_in_use != 0 || leaves_alive != 0) abort();
  brain_acknowledge(UINT64_MAX);
  return 0;
}

/* ---------------------------------------------------------------- without libFuzzer */

#ifdef FUZZ_MAIN
#include <time.h>

enum { INPUT_MAX = 65536 };

static size_t mutate(uint8_t *bytes, size_t size, unsigned *seed) {
  for (int i = rand_r(seed) % 8; i >= 0 && size > 1; i--) {
    size_t at = (size_t)rand_r(seed) % size, length = 1 + (size_t)rand_r(seed) % 16;
    if (at + length > size) length = size - at;
    switch (rand_r(seed) % 5) {
      case 0: bytes[at] ^= (uint8_t)(1u << (rand_r(seed) % 8)); break;
      case 1: bytes[at] = (uint8_t)rand_r(seed); break;
      case 2: memmove(bytes + at, bytes + at + length, size - at - length); size -= length; break;
      case 3:
        if (size + length > INPUT_MAX) break;
        memmove(bytes + at + length, bytes + at, size - at);
        size += length;
        break;
      default: bytes[at] = rand_r(seed) % 2 == 0 ? 0xff : 0; break;
    }
  }
  return size;
}

int main(int argc, char **argv) {
  if (argc < 4) return 64;
  unsigned seed = (unsigned)strtoul(argv[2], NULL, 10);
  time_t end = time(NULL) + strtol(argv[1], NULL, 10);
  static uint8_t input[INPUT_MAX + 16];
  unsigned long runs = 0;
  do {
    FILE *file = fopen(argv[3 + runs % (unsigned long)(argc - 3)], "re");
    if (file == NULL) return 66;
    size_t size = fread(input, 1, INPUT_MAX, file);
    fclose(file);
    if (runs >= (unsigned long)(argc - 3)) size = mutate(input, size, &seed);
    LLVMFuzzerTestOneInput(input, size);
    runs++;
  } while (time(NULL) < end);
  printf("%lu runs, none failed\n", runs);
  return 0;
}
#endif
