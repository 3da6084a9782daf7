/* Frames, their limits, and how fields are read and written. PROTOCOL.md has the tables. */
#ifndef WIRE_H
#define WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
  VERSION_LOWEST = 1,
  VERSION_HIGHEST = 1,
  MAGIC = 0x5045454b,
  HEADER = 8,
  FRAME_MAX = 1 << 20,
  QUEUE_MAX = 1 << 20,        /* frames that are not kept, waiting for the brain */
  QUEUE_RESERVE = 256 * 1024, /* above that, for those that are */
  KEPT_MAX = 1 << 20,
#ifdef FUZZ
  LEAVES_MAX = 1 << 6,        /* each is gone through in many places, and a run is to be short */
#else
  LEAVES_MAX = 1 << 17,
#endif
  STRINGS_MAX = 4096,
  STRINGS_BYTES_MAX = 512 * 1024,
  PATH_LIMIT = 1000,
  LINE_LIMIT = 64 * 1024,
  LEASES_MAX = 256,
  BEATS_MAX = 512,
  STATUS_MAX = 1024,
  DATAGRAM_MAX = 4096,
  SIGNAL_MAX = 64
};

enum { HELLO = 1, ENV, SPEC, SPAWN, STOP, SIGNAL, ACK, SET_OUTPUT, LEASE, KILL_ALL, QUIT, PING, GONE };
enum { SPAWNED = 65, NOT_STARTED, READY, LEADER_ENDED, BLOCKED, EXITED };
enum {
  WELCOME = 97, LEAF, SYNCED, OUTPUT, GAP, BEATS, BEATS_ENDED, NOTIFY, SIGNALLED, PONG, REFUSED, STRAYS, LOG
};

/* Durations of a shutdown that are none. */
#define SHUTDOWN_OWN 0xfffffffdu
#define SHUTDOWN_KILL 0xfffffffeu
#define SHUTDOWN_NEVER 0xffffffffu
#define NO_LEAF 0xffffffffu
#define NO_TIME UINT64_MAX

enum { ERROR_BUSY = 10001, ERROR_STOPPED, ERROR_CLOSED, ERROR_CHAIN };
enum {
  STAGE_OURS, STAGE_SESSION, STAGE_DESCRIPTORS, STAGE_FOLDER, STAGE_PROGRAM, STAGE_PIPE, STAGE_PROCESS, STAGE_CGROUP
};
enum { REFUSED_VERSION = 1, REFUSED_MALFORMED, REFUSED_BUSY, REFUSED_NOT_ALLOWED, REFUSED_LIMIT };

enum { SPEC_FIXED = 56, SPEC_OUTPUT = 1, SPEC_START_TIME = 2, SPEC_NOTIFY = 4, SPEC_FLAGS = 7 };
enum { READY_AT_ONCE, READY_UNSEEN, READY_DESCRIPTOR, READY_NOTIFY };
enum { BEAT_NONE, BEAT_DESCRIPTOR, BEAT_NOTIFY };
enum { HOW_CODE = 1, HOW_SIGNAL = 2 };
enum { END_DUMPED = 1, END_OOM = 2, END_STOPPED = 4, END_KILLED = 8, END_OOM_HERE = 16 };
enum { LEASE_STOP, LEASE_STOP_AFTER, LEASE_KEEP, LEASE_KILL_AT, LEASE_FORGET = 255 };
enum {
  SAID_READY = 1, SAID_RELOADING = 2, SAID_STOPPING = 4, SAID_STATUS = 8, SAID_ERRNO = 16, SAID_MAINPID = 32,
  SAID_WATCHDOG_USEC = 64, SAID_EXTEND = 128, SAID_TRIGGER = 256
};

/* Reads the fields of one payload. What would be read beyond its end is 0, and `bad` is set. */
struct reader {
  const uint8_t *at, *end;
  bool bad;
};

static inline uint64_t read_uint(struct reader *r, size_t bytes) {
  uint64_t value = 0;
  if ((size_t)(r->end - r->at) < bytes) { r->bad = true; r->at = r->end; return 0; }
  for (size_t i = 0; i < bytes; i++) value |= (uint64_t)r->at[i] << (8 * i);
  r->at += bytes;
  return value;
}
static inline uint8_t read_u8(struct reader *r) { return (uint8_t)read_uint(r, 1); }
static inline uint16_t read_u16(struct reader *r) { return (uint16_t)read_uint(r, 2); }
static inline uint32_t read_u32(struct reader *r) { return (uint32_t)read_uint(r, 4); }
static inline uint64_t read_u64(struct reader *r) { return read_uint(r, 8); }

/* A string with its NUL, of at most `limit` bytes before it; null and `bad` if there is none. */
const char *read_string(struct reader *, size_t limit);

/* Writes fields one after the other. Its owner knows that there is room. */
struct writer {
  uint8_t *at;
};

static inline void write_uint(struct writer *w, uint64_t value, size_t bytes) {
  for (size_t i = 0; i < bytes; i++) *w->at++ = (uint8_t)(value >> (8 * i));
}
static inline void write_u8(struct writer *w, uint8_t value) { write_uint(w, value, 1); }
static inline void write_u16(struct writer *w, uint16_t value) { write_uint(w, value, 2); }
static inline void write_u32(struct writer *w, uint32_t value) { write_uint(w, value, 4); }
static inline void write_u64(struct writer *w, uint64_t value) { write_uint(w, value, 8); }

void write_header(uint8_t *at, uint32_t size, uint8_t type);
uint64_t hash_of(const uint8_t *bytes, size_t size);

/* What SPEC says, in memory of its own; null if a field is wrong, and then why. */
struct spec;
struct spec *spec_read(const uint8_t *payload, uint32_t size, const char **problem);

#endif
