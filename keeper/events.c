/* The loop: what happens in a turn, and in which order. */

#include "keeper.h"

#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "wire.h"

static int epoll = -1;
static struct source signals = {.fd = -1};

void die(const char *what) {
  fprintf(stderr, "keeper: %s: %s\n", what, strerror(errno));
  _exit(70);
}

/* ---------------------------------------------------------------- sources */

bool source_watch(struct source *source, uint32_t events) {
  struct epoll_event event = {.events = events, .data.ptr = source};
  return epoll_ctl(epoll, EPOLL_CTL_ADD, source->fd, &event) == 0;
}

void source_change(struct source *source, uint32_t events) {
  struct epoll_event event = {.events = events, .data.ptr = source};
  if (source->fd >= 0) epoll_ctl(epoll, EPOLL_CTL_MOD, source->fd, &event);
}

/* Taken out explicitly: a descriptor that a starting child still has would otherwise stay in the set. */
void source_close(struct source *source) {
  if (source->fd < 0) return;
  epoll_ctl(epoll, EPOLL_CTL_DEL, source->fd, NULL);
  close(source->fd);
  source->fd = -1;
}

/* ---------------------------------------------------------------- signals */

/* Ctrl-C on a terminal reaches the brain without us, and what it means is the brain's to say. */
static void on_other_signal(int signal, int code) {
  if (code == SI_KERNEL) return;
  if (brain_child > 0) signal_process(brain_child, signal);
  else if (signal == SIGTERM || signal == SIGINT || signal == SIGHUP) leaves_quit();
}

static void on_signals(struct source *source, uint32_t events) {
  (void)events;
  struct signalfd_siginfo infos[16];
  ssize_t n = read(source->fd, infos, sizeof infos);
  for (ssize_t i = 0; i < n / (ssize_t)sizeof infos[0]; i++) {
    if (infos[i].ssi_signo == SIGCHLD) reap_signal((pid_t)infos[i].ssi_pid);
    else on_other_signal((int)infos[i].ssi_signo, infos[i].ssi_code);
  }
}

/*
 * All signals are blocked and come through a descriptor, so nothing interrupts us, and a child that shares our memory
 * until it starts its program runs no handler of ours. A write to a closed pipe fails instead of killing us.
 */
void events_open(void) {
  sigset_t all;
  sigfillset(&all);
  sigprocmask(SIG_SETMASK, &all, NULL);
  sigset_t wanted;
  sigemptyset(&wanted);
  static const int numbers[] = {SIGCHLD, SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGUSR2, SIGQUIT, SIGWINCH, SIGPWR};
  for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) sigaddset(&wanted, numbers[i]);
  epoll = epoll_create1(EPOLL_CLOEXEC);
  signals.fd = signalfd(-1, &wanted, SFD_CLOEXEC | SFD_NONBLOCK);
  signals.on_ready = on_signals;
  if (epoll < 0 || signals.fd < 0 || !source_watch(&signals, EPOLLIN)) die("epoll");
  now = clock_now();
}

/* ---------------------------------------------------------------- the end */

static struct timer finish_timer;
static enum { GOING, RESTING, KILLING, DONE } finish;

static void on_finish_due(struct timer *timer) {
  finish = finish == RESTING ? KILLING : DONE;
  if (finish == KILLING) strays_rest_signal(SIGKILL);
  timer_set(timer, finish == DONE ? NEVER : now + REST_STOP_MS * MS);
}

static void tell_rest(const pid_t *pids, int count) {
  uint8_t payload[16 + 4 * LISTED_MAX];
  struct writer w = {payload};
  int listed = count > LISTED_MAX ? LISTED_MAX : count;
  write_u64(&w, now);
  write_u32(&w, (uint32_t)count);
  write_u32(&w, (uint32_t)listed);
  for (int i = 0; i < listed; i++) write_u32(&w, (uint32_t)pids[i]);
  brain_frame_reserved(STRAYS, payload, (size_t)(w.at - payload));
}

/* No leaf is left. What belongs to none ends now; what does not die is the guard's. */
static bool is_finished(void) {
  if (!is_quitting() || leaves_alive > 0 || starts_waiting()) return false;
  if (finish == DONE) return brain_is_served();
  pid_t pids[STRAYS_AT_ONCE];
  strays_look();
  int count = strays_rest(pids, STRAYS_AT_ONCE);
  if (count == 0) {
    timer_clear(&finish_timer);
    return brain_is_served();
  }
  if (finish == GOING) {
    finish = RESTING;
    tell_rest(pids, count);
    strays_rest_signal(SIGTERM);
    finish_timer.on_due = on_finish_due;
    timer_set(&finish_timer, now + REST_STOP_MS * MS);
  }
  return false;
}

/* ---------------------------------------------------------------- turns */

static int wait_ms(void) {
  uint64_t due = timer_next();
  if (reap_due() < due) due = reap_due();
  if (strays_due() < due) due = strays_due();
  if (starts_waiting()) due = 0;
  if (due == NEVER) return -1;
  now = clock_now();
  if (due <= now) return 0;
  uint64_t ms = (due - now + MS - 1) / MS;
  return ms > INT_MAX ? INT_MAX : (int)ms;
}

/* Output that is there is read before an end is told, and a command is heard before a timer that it may move. */
static void turn(int timeout) {
  struct epoll_event events[EVENTS_A_TURN];
  int count = epoll_wait(epoll, events, EVENTS_A_TURN, timeout);
  if (count < 0 && errno != EINTR) die("epoll_wait");
  now = clock_now();
  for (int i = 0; i < count; i++) {
    struct source *source = events[i].data.ptr;
    if (source->fd >= 0) source->on_ready(source, events[i].events);
  }
  reap_run();
  groups_check();
  timers_run();
  strays_run();
  starts_run();
  brain_flush();
  leaf_free_forgotten();
}

void events_run(void) {
  do turn(wait_ms());
  while (!is_finished());
}

#ifdef FUZZ
void fuzz_turn(void);
void fuzz_turn(void) { turn(0); }
#endif
