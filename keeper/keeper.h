/*
 * The keeper: the parent of all leaf processes of one tree. PROTOCOL.md is its contract with the brain, which decides.
 *
 * One thread, one loop (events.c). A turn of the loop handles what epoll reports, then ends, timers and starts, each
 * with a bound, and then writes to the brain. Whatever a turn leaves over is done in the next one, so a storm of
 * crashes never keeps the keeper from hearing its brain.
 *
 * A leaf is a number that the brain has given to a path. Its state:
 *
 *   FREE      nothing of it runs. SPAWN puts it into the queue.
 *   QUEUED    it waits for its turn to start. A stop takes it out again: NOT_STARTED.
 *   RUNNING   its leader, our child, runs. `pid` names leader and group, as nothing else can have the number before we
 *             have waited for it.
 *   ENDING    its leader has been waited for, and members of its group may be left. The group is asked to stop, if that
 *             was not done before, and killed when its time is over. `pid` now names a group at most, so it is
 *             signalled through a pidfd that was opened before the leader was waited for (group.c).
 *   STRAYING  its group is gone. Processes that had left it (setsid, daemons) have become our children, as we are a
 *             subreaper; they get what is left of the time (strays.c). When none is left: EXITED, and FREE.
 *
 * Only leaf.c changes a state.
 *
 * Memory: a leaf and its spec are allocated when the brain names them, arrays grow by doubling, an unfinished line of
 * output is kept in memory of its own. Nothing is allocated for an event, a beat, a line or a start.
 */
#ifndef KEEPER_H
#define KEEPER_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/types.h>

/* ---------------------------------------------------------------- limits; those of the protocol are in wire.h */

enum {
  LISTED_MAX = 32,            /* pids in an event */
  REAPS_A_TURN = 32,
  STARTS_A_TURN = 32,
  START_SLICE_MS = 4,         /* a start takes a third of a millisecond, more on a busy machine */
  TIMERS_A_TURN = 256,
  EVENTS_A_TURN = 128,
  CHECKS_A_TURN = 256,        /* groups that are looked at when a process ends that is nothing else to us */
  COMMAND_BYTES_A_TURN = 256 * 1024,
  READ_BYTES = 64 * 1024,     /* of one stream in one turn: what a pipe holds */
  FINAL_READS = 64,           /* at the end of an incarnation; a stranger may hold the pipe and write for ever */
  DATAGRAMS_A_TURN = 64,
  REST_FACTOR = 9,            /* after a walk over many processes it rests for so many times the CPU it took */
  SHARE_OF_FAILING = 4,       /* while others wait, one start in so many goes to leaves that fail */
  FAILING_MS = 60 * 1000,     /* a leaf that ends twice within this time is failing */
  UNFINISHED_MS = 500,
  LINGERING_MS = 100,         /* a group that was asked to stop may outlive its leader this long untold */
  BEATS_ENDED_MS = 100,       /* a dying process closes its descriptors shortly before it ends */
  BLOCKED_MS = 5000,
  BRAIN_PATIENCE_MS = 1000,   /* output waits this long for a brain that reads nothing, and is then dropped */
  STRAYS_MS = 5000,           /* for strays whose leaf may take any time */
  STRAYS_PATIENCE_MS = 5000,  /* how long we try to look where we cannot, for lack of descriptors */
  POLL_FIRST_MS = 5,
  POLL_LONGEST_MS = 100,
  POLL_BLOCKED_MS = 1000,
  STRAY_CHECK_MS = 20,
  STRAY_LOOKS = 50,           /* within this many looks a process that starts its program has an environment */
  STRAYS_AT_ONCE = 256,
  HELLO_MS = 5000,
  REST_STOP_MS = 1000,        /* strays of no leaf: from SIGTERM to SIGKILL, and from there to giving up */
  BRAIN_END_MS = 30 * 1000,   /* a brain that we started may take this long to end */
  EXTEND_LIMIT_MS = 3600 * 1000,
  LOG_RETRY_MS = 1000,
  LOG_BACKLOG_BYTES = 8 * 1024 * 1024 /* a read of nothing but newlines makes entries of 5 MiB */
};

/* Of a leaf whose spec sets no limit, when there is no brain that could set one. Tests make it shorter. */
#ifndef STOP_WITHOUT_BRAIN_MS
#define STOP_WITHOUT_BRAIN_MS (90 * 1000)
#endif

/* ---------------------------------------------------------------- the loop */

extern uint64_t now;          /* CLOCK_MONOTONIC in nanoseconds, taken once a turn and after what may take long */

#define MS 1000000ull
#define NEVER UINT64_MAX
#define CONTAINER(pointer, type, member) ((type *)((char *)(pointer) - offsetof(type, member)))

/* A descriptor that epoll watches. -1: closed; an event that epoll had already reported for it is then ignored. */
struct source {
  int fd;
  void (*on_ready)(struct source *, uint32_t events);
};

struct timer {
  uint64_t due;
  uint32_t slot;              /* its place in the heap, from 1; 0: it is not set */
  void (*on_due)(struct timer *);
};

uint64_t clock_now(void);
uint64_t cpu_now(void);
uint64_t rest_after(uint64_t cpu_before);
void timer_set(struct timer *, uint64_t due);     /* NEVER: clears it */
void timer_clear(struct timer *);
uint64_t timer_next(void);
void timers_run(void);

void events_open(void);
void events_run(void);                            /* returns when the keeper has nothing left to do */
bool source_watch(struct source *, uint32_t events);
void source_change(struct source *, uint32_t events);
void source_close(struct source *);
_Noreturn void die(const char *what);

/* ---------------------------------------------------------------- leaves */

enum state { FREE, QUEUED, RUNNING, ENDING, STRAYING };

/* What SPEC says. The strings follow: path, cwd, log, cgroup, argv…, env…, each with its NUL. */
struct spec {
  uint64_t hash, log_size, log_total;
  uint32_t shutdown, beat_ms, flags, log_age, log_files;
  uint32_t cwd, log, cgroup, argv, env;           /* where in the strings they begin; the path begins them */
  uint16_t argc, envc, fd;
  uint8_t signal, stop_to, stdin_kind, ready, beat, full;
  char strings[];
};

/* One of stdout and stderr. */
struct stream {
  struct source source;
  struct timer timer;                             /* until its unfinished line is passed on */
  char *carry;                                    /* the unfinished line */
  uint32_t count, size;                           /* bytes in it, and its room */
  uint8_t number;                                 /* 1 stdout, 2 stderr */
  bool continued;
  bool paused;                                    /* its log cannot be written */
  bool held;                                      /* the brain has more than it reads */
  struct stream *held_next;
  uint64_t lost_lines, lost_bytes;                /* not told to the brain, and not yet told that it was not */
};

struct log;                                       /* log.c */

/* How a leader ended, and what there is to know until all of its leaf has. Few leaves end at a time. */
struct ending {
  uint8_t how, flags;
  bool has_strays;
  uint32_t status;
  uint64_t usage[9];
  uint64_t leader_ended_at, straying_at;
  uint32_t stray_count;
  pid_t strays[LISTED_MAX];                       /* those that there were at first */
  struct ending *next_free;
};

/* Readiness and heartbeats: most leaves have no such descriptor. */
struct channel {
  struct source source;
  struct timer timer;                             /* until it is told that it was closed */
  struct leaf *leaf;
  uint32_t held;
  char line[64];                                  /* the beginning of an unfinished line */
};

struct leaf {
  uint32_t number, incarnation, highest;
  uint8_t state;
  bool asked;                                     /* the brain, or a lease, wants it to stop */
  bool stop_sent, killed;                         /* the stop signal, SIGKILL; also those of our own accord */
  bool cgroup_killed;                             /* as a whole, since it was made */
  bool ready, output, gone, leader_told, beats_ended, after_wanted, in_queue, fails, look_wanted;
  pid_t pid;                                      /* of its leader, and the number of its group; 0 if it never ran */
  int group_fd;                                   /* a pidfd of its leader while ENDING; -1: none */
  int stdin_fd;
  struct spec *spec, *next_spec;                  /* next_spec: came while it ran */
  struct timer timer;                             /* SIGKILL, and later when to look again */
  struct stream streams[2];
  struct channel *channel;                        /* null: it never had one */
  uint32_t poll_ms, empty_looks;
  uint64_t spawned_at, start_time, ended_at, ended_before;
  uint64_t kill_at, killed_at, extend_until;
  struct ending *ending;                          /* of a leaf that is ENDING or STRAYING */
  uint32_t after_leaf, after_incarnation;
  struct leaf *queue_next;
  struct leaf *ending_next, *ending_before;       /* the list of those that are ENDING or STRAYING */
  struct adopted *adopted;
  uint64_t blocked_hash;                          /* of the pids that were last told to be blocked */
  struct log *log;
  uint64_t oom_before;
};

/* A child of ours that is no leader: what a leaf has left behind. */
struct adopted {
  pid_t pid;
  uint8_t looks;
  bool asked, settled;                            /* settled: it is known whose it is, or that it is unknown */
  struct leaf *leaf;
  uint32_t incarnation;
  struct adopted *next;                           /* of the same leaf, or of none */
};

/* table.c: leaves by number, processes by pid */
extern uint32_t leaf_numbers, leaves_in_use, leaves_alive;
struct leaf *leaf_get(uint32_t number);
struct leaf *leaf_make(uint32_t number);
void leaf_forget(struct leaf *);                  /* freed when the turn is over */
void leaf_free_forgotten(void);
struct leaf *leaf_named(const char *path, uint32_t incarnation);
enum pid_kind { PID_NONE, PID_LEADER, PID_GROUP, PID_ADOPTED };
enum pid_kind pid_find(pid_t, void **owner);      /* owner: a struct leaf, or a struct adopted */
void pid_add(pid_t, enum pid_kind, void *owner);
void pid_remove(pid_t, const void *owner);        /* only if it is still this owner's */

/* leaf.c: the states */
extern bool closed;                               /* nothing is started any more */
extern struct leaf *ending_leaves;
const char *leaf_path(const struct leaf *);
void leaf_spawn(struct leaf *, uint32_t incarnation, uint32_t after_leaf, uint32_t after_incarnation);
void leaf_start(struct leaf *);                   /* its turn has come */
void leaf_not_started(struct leaf *, uint32_t error, uint32_t stage);
void leaf_stop(struct leaf *, uint32_t shutdown); /* shutdown as in STOP */
void leaf_kill(struct leaf *);
void leaf_extend(struct leaf *, uint64_t until);
uint32_t leaf_signal(struct leaf *, int signal, bool to_group);
void leaf_is_ready(struct leaf *, uint32_t by);
void leaf_leader_ended(struct leaf *, const struct ending *);
void leaf_check(struct leaf *);                   /* something of it may have ended, or its time has come */
void leaf_check_strays(struct leaf *, bool is_sure);
void leaf_set_spec(struct leaf *, struct spec *);
void leaves_kill(void);
void leaves_quit(void);                           /* stops all by their own stop sequences */
void leaves_close(void);                          /* no more starts; the keeper ends when nothing is left */
bool is_quitting(void);

/* report.c: the events that are kept */
void report_not_started(const struct leaf *, uint32_t incarnation, uint32_t error, uint32_t stage);
void report_spawned(struct leaf *);
void report_ready(const struct leaf *, uint32_t by);
void report_end(const struct leaf *, uint8_t type);
void report_blocked(struct leaf *, const pid_t *pids, int count); /* unless they are those that were reported last */

/* starts.c: the queue */
void starts_add(struct leaf *);
bool starts_waiting(void);
void starts_run(void);

/* spawn.c and launch.c */
struct launch {
  char **argv, **envp;
  const char *cwd, *cgroup;
  int stdio[3], channel, channel_to;
  char *pid_text;                                 /* where its own pid is to be written, for WATCHDOG_PID; or null */
  volatile int error, stage;
  volatile bool has_begun;
};
extern struct rlimit files_limit;                 /* what we were given; leaves get it back */
struct spawned {
  pid_t pid;
  int fds[4];                 /* our ends: stdin, stdout, stderr, channel; −1: none */
};
bool spawn(struct leaf *, struct spawned *, uint32_t *error, uint32_t *stage);
pid_t launch(struct launch *, int cgroup_fd);
uint64_t start_time(pid_t);
void environment_set(const uint8_t *strings, uint32_t size);
char **environment_of(struct leaf *, char **pid_text);
const char *environment_find(const struct leaf *, const char *name);

/* reap.c */
void reap_signal(pid_t named);                    /* SIGCHLD, and which process it named */
void reap_run(void);
uint64_t reap_due(void);
void oom_begin(void);
void oom_remember(struct leaf *);                 /* before it starts */

/* group.c */
int signal_process(pid_t, int signal);            /* 0, or an errno. Every signal to a process or group passes here */
int signal_child_of(pid_t, pid_t parent, int signal);
int group_signal(struct leaf *, int signal);
bool group_exists(struct leaf *);
int group_members(struct leaf *, pid_t *pids, int limit, bool *known);
void groups_check_soon(void);                     /* a process has ended that may have been of any group */
void groups_check(void);

/* proc.c: what /proc says */
enum look { LOOK_FOUND, LOOK_MISSING, LOOK_UNKNOWN, LOOK_FORBIDDEN };
struct process {
  pid_t parent, group;
  char state;
  bool has_no_environment;                        /* surely; false while it starts its program */
  uint32_t threads;
  uint64_t start_time;
};
enum look proc_stat(pid_t, struct process *);
enum look proc_environment(pid_t, const char **text, size_t *size);
bool proc_children(pid_t, void (*each)(pid_t child, pid_t parent, void *context), void *context);
bool proc_each(void (*each)(pid_t, void *context), void *context);
bool proc_is_alive(const struct process *);
uint64_t proc_counter(const char *path, const char *word);

/* cgroup.c */
int cgroup_open(const struct spec *, char *procs, size_t size, uint32_t *error);
void cgroup_each(const struct leaf *, void (*each)(pid_t, pid_t parent, void *context), void *context);
bool cgroup_kill(struct leaf *);
void cgroup_remove(struct leaf *);
void cgroup_forget(struct leaf *);
void cgroup_rest(struct leaf *);                  /* an incarnation has ended */
uint64_t cgroup_oom_kills(const struct leaf *);
void cgroups_end(void);
bool cgroup_is_delegated(const char *folder);

/* strays.c */
void strays_want(struct leaf *);                  /* a look, and leaf_check_strays after it */
void strays_run(void);
uint64_t strays_due(void);
bool strays_look(void);                           /* false: not everything could be seen */
int strays_of(struct leaf *, pid_t *pids, int limit);
void strays_signal(struct leaf *, int signal);    /* SIGKILL to all; another one only once to each */
void stray_ended(struct adopted *);
int strays_rest(pid_t *pids, int limit);          /* of no leaf */
void strays_rest_signal(int signal);

/* output.c and channel.c */
void output_open(struct leaf *, int stdout_fd, int stderr_fd);
bool output_can_finish(const struct leaf *);      /* false: the brain first has to read some of what it has */
void output_finish(struct leaf *);
void output_release(void);                        /* the brain has caught up, or does not */
void output_resume(struct leaf *);
void channel_open(struct leaf *, int fd);          /* −1: it has none */
void channel_drain(struct leaf *);
void channel_close(struct leaf *);
void beat_add(struct leaf *, uint64_t sent);
void beats_flush(void);

/* log.c */
void log_open(struct leaf *);
uint64_t log_offset(struct leaf *);
bool log_text(struct leaf *, int stream, const char *text, size_t size, bool continues); /* false: blocked */
void log_begin(struct leaf *);
void log_end(struct leaf *);
void log_close(struct leaf *);
void log_free(struct leaf *);

/* notify.c */
void notify_open(const char *folder);
const char *notify_address(void);
void notify_read(void);
void notify_close(void);
extern uint64_t notify_strangers;

/* lease.c */
bool lease_set(uint8_t kind, uint64_t value, const char *prefix);
void leases_begin(void);                          /* the connection has ended */
void leases_cancel(void);                         /* a brain is there */
bool lease_forbids(const char *path);
bool is_without_brain(void);                      /* there was one, and its connection has ended */

/* brain.c and commands.c */
extern pid_t brain_child, guard_pid;
void brain_open(const char *folder, int first);
void brain_flush(void);
bool brain_is_behind(void);                       /* it has more than it reads, and goes on reading */
bool brain_is_served(void);                       /* none is connected, or it has been sent everything */
bool brain_is_connected(void);                    /* it has been told everything that came before */
int brain_close(void);                            /* answers our exit code */
void brain_child_ended(int status);
void brain_hello(const uint8_t *payload, uint32_t size, const char **problem);
void brain_acknowledge(uint64_t n);
bool brain_frame(uint8_t type, const void *head, size_t head_size, const void *rest, size_t rest_size);
bool brain_frame_reserved(uint8_t type, const void *payload, size_t size);
void brain_keep(uint8_t type, uint8_t *payload, size_t size);  /* gives the event its number */
const char *command(uint8_t type, const uint8_t *payload, uint32_t size); /* null, or what is wrong with it */

/* guard.c */
void guard_split(void);                           /* returns in the keeper */

#endif
