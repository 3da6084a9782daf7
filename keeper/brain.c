/* The connection to the brain: one at a time. What waits for it is in queue.c. */
#include "brain.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "wire.h"

pid_t brain_child, guard_pid;

static struct source brain = {.fd = -1}, listener = {.fd = -1};
static struct timer hello_timer;
static enum { GREETING, SYNCING, UP_TO_DATE } phase; /* of the connection */
static uint32_t synced_leaves;                        /* how many numbers were gone through */
static uint32_t watched;                              /* the events that epoll reports for it */
static uint64_t frames_dropped;
static int child_code;
static char socket_path[sizeof((struct sockaddr_un *)0)->sun_path];

bool brain_is_connected(void) { return brain.fd >= 0 && phase == UP_TO_DATE; }

/* ---------------------------------------------------------------- frames that are not kept */

static bool frame(uint8_t type, const void *head, size_t head_size, const void *rest, size_t rest_size, size_t limit) {
  if (brain.fd < 0) return false;
  if ((phase == UP_TO_DATE || type == SYNCED) && !queue_move_kept()) return false;
  return queue_put(type, head, head_size, rest, rest_size, limit);
}

bool brain_frame(uint8_t type, const void *head, size_t head_size, const void *rest, size_t rest_size) {
  if (!brain_is_connected()) return false;
  if (frame(type, head, head_size, rest, rest_size, QUEUE_MAX)) return true;
  frames_dropped++;
  return false;
}

bool brain_frame_reserved(uint8_t type, const void *payload, size_t size) {
  return brain_is_connected() && frame(type, payload, size, NULL, 0, QUEUE_MAX + QUEUE_RESERVE);
}

/* ---------------------------------------------------------------- the end of a connection */

static void gone(void) {
  if (brain.fd < 0) return;
  source_close(&brain);
  timer_clear(&hello_timer);
  queue_restart();
  output_release();
  for (uint32_t i = 0; i < leaf_numbers; i++) {
    struct leaf *leaf = leaf_get(i);
    if (leaf != NULL) leaf->output = false;
  }
  leases_begin();
  if (listener.fd < 0) leaves_close(); /* no other brain can come */
}

static void say_refused(int fd, uint32_t reason, uint8_t type, const char *sentence) {
  uint8_t bytes[HEADER + 16 + 256];
  struct writer w = {bytes + HEADER};
  size_t length = strlen(sentence) < 256 ? strlen(sentence) : 256;
  write_header(bytes, (uint32_t)(16 + length), REFUSED);
  write_u32(&w, reason);
  write_u32(&w, type);
  write_u16(&w, VERSION_LOWEST);
  write_u16(&w, VERSION_HIGHEST);
  write_u32(&w, 0);
  memcpy(w.at, sentence, length);
  ssize_t ignored = send(fd, bytes, HEADER + 16 + length, MSG_NOSIGNAL | MSG_DONTWAIT);
  (void)ignored;
}

/* A frame that was sent in part cannot be followed by another: then the connection just ends. */
static void refuse(uint32_t reason, uint8_t type, const char *sentence) {
  queue_send(brain.fd, phase == UP_TO_DATE);
  if (queue_size() == 0) say_refused(brain.fd, reason, type, sentence);
  fprintf(stderr, "keeper: the connection to the brain was closed: %s\n", sentence);
  gone();
}

/* ---------------------------------------------------------------- greeting */

static void write_welcome(struct writer *w, uint32_t version) {
  write_u32(w, version);
  write_u32(w, (uint32_t)getpid());
  write_u64(w, kept_oldest);
  write_u64(w, kept_next);
  write_u64(w, now);
  write_u32(w, leaves_in_use);
  write_u32(w, leaves_alive);
  write_u32(w, closed ? 1 : 0);
  write_u32(w, (uint32_t)guard_pid);
  write_u64(w, notify_strangers);
  write_u64(w, frames_dropped);
}

static bool tell_leaf(const struct leaf *leaf) {
  uint8_t head[48];
  struct writer w = {head};
  const struct spec *newest = leaf->next_spec != NULL ? leaf->next_spec : leaf->spec;
  bool runs = leaf->state >= RUNNING;
  write_u32(&w, leaf->number);
  write_u32(&w, leaf->incarnation);
  write_u32(&w, leaf->highest);
  write_u32(&w, (uint32_t)leaf->pid);
  write_u64(&w, runs ? leaf->start_time : 0);
  write_u64(&w, runs ? leaf->spawned_at : 0);
  write_u64(&w, newest->hash);
  write_u8(&w, leaf->state);
  int flags = (leaf->asked ? 1 : 0) | (leaf->killed ? 2 : 0) | (leaf->ready ? 4 : 0) | (leaf->beats_ended ? 8 : 0);
  write_u8(&w, (uint8_t)(flags | (leaf->next_spec != NULL ? 16 : 0)));
  write_u16(&w, 0);
  write_u32(&w, 0);
  return queue_put(LEAF, head, sizeof head, leaf_path(leaf), strlen(leaf_path(leaf)) + 1, QUEUE_MAX);
}

/* As far as there is room; the rest when the brain has read some of it. */
static void synchronise(void) {
  for (; synced_leaves < leaf_numbers; synced_leaves++) {
    const struct leaf *leaf = leaf_get(synced_leaves);
    if (leaf != NULL && !tell_leaf(leaf)) return;
  }
  uint8_t last[8];
  struct writer w = {last};
  write_u64(&w, kept_next - 1);
  if (frame(SYNCED, last, sizeof last, NULL, 0, QUEUE_MAX + QUEUE_RESERVE)) phase = UP_TO_DATE;
}

/* The connection ends after a refusal, so `problem` stays empty then. */
void brain_hello(const uint8_t *payload, uint32_t size, const char **problem) {
  struct reader r = {payload, payload + size, false};
  uint32_t magic = read_u32(&r);
  uint16_t lowest = read_u16(&r), highest = read_u16(&r);
  uint64_t acknowledged = read_u64(&r), zero = read_u64(&r);
  if (phase != GREETING) *problem = "HELLO: only once";
  else if (r.bad || size != 24 || magic != MAGIC || zero != 0) *problem = "HELLO: its fields";
  if (*problem != NULL) return;
  if (highest < VERSION_LOWEST || lowest > VERSION_HIGHEST || lowest > highest) {
    return refuse(REFUSED_VERSION, HELLO, "keeper and brain have no version of the protocol in common");
  }
  timer_clear(&hello_timer);
  leases_cancel();
  brain_acknowledge(acknowledged);
  queue_restart();
  phase = SYNCING;
  synced_leaves = 0;
  uint8_t welcome[64];
  struct writer w = {welcome};
  write_welcome(&w, highest < VERSION_HIGHEST ? highest : VERSION_HIGHEST);
  queue_put(WELCOME, welcome, sizeof welcome, NULL, 0, QUEUE_MAX + QUEUE_RESERVE);
  synchronise();
}

/* ---------------------------------------------------------------- reading and writing */

static uint8_t input[HEADER + FRAME_MAX];
static size_t input_count;

/* The brain does not read what it is told: then nothing is read from it, as its commands need answers. */
static bool is_clogged(void) {
  return phase == SYNCING || (phase == UP_TO_DATE && (!queue_move_kept() || queue_size() > QUEUE_MAX));
}

/* Deals with the whole frames at the front; what is left of the last one waits. */
static void take_frames(void) {
  size_t at = 0;
  while (input_count - at >= HEADER && !is_clogged()) {
    struct reader r = {input + at, input + at + HEADER, false};
    uint32_t size = read_u32(&r);
    uint8_t type = read_u8(&r);
    if (size > FRAME_MAX || read_uint(&r, 3) != 0) return refuse(REFUSED_MALFORMED, type, "the header of a frame");
    if (input_count - at < HEADER + size) break;
    const char *problem = "the first frame is HELLO";
    if (phase != GREETING || type == HELLO) problem = command(type, input + at + HEADER, size);
    if (brain.fd < 0) return;
    if (problem != NULL) return refuse(REFUSED_MALFORMED, type, problem);
    at += HEADER + size;
  }
  memmove(input, input + at, input_count - at);
  input_count -= at;
}

static void on_brain(struct source *source, uint32_t events) {
  if ((events & ~(uint32_t)EPOLLOUT) == 0) return;
  for (size_t total = 0; total < COMMAND_BYTES_A_TURN && source->fd >= 0;) {
    size_t space = sizeof input - input_count;
    if (space == 0) return; /* clogged, with a frame that is whole */
    ssize_t n = recv(source->fd, input + input_count, space < 65536 ? space : 65536, MSG_DONTWAIT);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0 && errno == EAGAIN) return;
    if (n <= 0) return gone();
    input_count += (size_t)n;
    total += (size_t)n;
    take_frames();
    if (n < 65536) return;
  }
}

/*
 * Half of the queue waits. A brain that reads nothing for a while is not waited for: then output is dropped, until it
 * has caught up.
 */
static uint64_t last_read_at;
static bool is_stuck;
static struct timer progress_timer;

static void on_progress_due(struct timer *timer) { (void)timer; /* the turn ends with a look */ }

static void watch_progress(size_t before) {
  if (queue_size() < before || before == 0) last_read_at = now;
  if (queue_size() <= QUEUE_MAX / 4) is_stuck = false;
  else if (now - last_read_at >= BRAIN_PATIENCE_MS * MS) is_stuck = true;
  if (is_stuck || queue_size() <= QUEUE_MAX / 4) output_release();
  progress_timer.on_due = on_progress_due;
  timer_set(&progress_timer, is_stuck || queue_size() <= QUEUE_MAX / 4 ? NEVER : last_read_at + BRAIN_PATIENCE_MS * MS);
}

void brain_flush(void) {
  beats_flush();
  if (brain.fd < 0) return;
  if (phase == SYNCING) synchronise();
  if (!is_clogged()) take_frames(); /* those that had to wait */
  if (brain.fd < 0) return;
  if (kept_count > KEPT_MAX && phase == UP_TO_DATE) {
    return refuse(REFUSED_LIMIT, SPAWN, "too many events have not been acknowledged");
  }
  size_t before = queue_size();
  if (!queue_send(brain.fd, phase == UP_TO_DATE)) return gone();
  watch_progress(before);
  bool wants = queue_size() > 0 || phase == SYNCING || (phase == UP_TO_DATE && !queue_is_empty());
  uint32_t events = (is_clogged() ? 0 : EPOLLIN) | (wants ? EPOLLOUT : 0);
  if (events == watched) return;
  watched = events;
  source_change(&brain, events);
}

bool brain_is_behind(void) { return brain_is_connected() && !is_stuck && queue_size() > QUEUE_MAX / 2; }

bool brain_is_served(void) {
  if (brain.fd < 0 || phase == GREETING) return true;
  return phase == UP_TO_DATE && queue_is_empty();
}

/* ---------------------------------------------------------------- connecting */

static void on_hello_due(struct timer *timer) {
  (void)timer;
  refuse(REFUSED_MALFORMED, HELLO, "no HELLO came within 5 seconds");
}

/* A brain that we have started reads its tree first, and we see its end. */
static void connect_brain(int fd, bool is_child) {
  brain.fd = fd;
  brain.on_ready = on_brain;
  phase = GREETING;
  input_count = 0;
  watched = EPOLLIN;
  hello_timer.on_due = on_hello_due;
  if (!is_child) timer_set(&hello_timer, now + HELLO_MS * MS);
  fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
  if (!source_watch(&brain, EPOLLIN)) die("the connection to the brain");
}

static int spare = -1;

/* Without a descriptor left, a connection that waits would be reported for ever: the spare one takes and closes it. */
static void turn_away(int listening) {
  close(spare);
  int fd = accept4(listening, NULL, NULL, SOCK_CLOEXEC);
  if (fd >= 0) close(fd);
  spare = open("/dev/null", O_RDONLY | O_CLOEXEC);
}

static void on_listener(struct source *source, uint32_t events) {
  (void)events;
  int fd = accept4(source->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
  if (fd < 0 && (errno == EMFILE || errno == ENFILE)) turn_away(source->fd);
  if (fd < 0) return;
  struct ucred peer;
  socklen_t size = sizeof peer;
  bool is_known = getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0;
  if (is_known && (peer.uid == geteuid() || peer.uid == 0) && brain.fd < 0) return connect_brain(fd, false);
  if (brain.fd >= 0) say_refused(fd, REFUSED_BUSY, 0, "another brain is connected");
  else say_refused(fd, REFUSED_NOT_ALLOWED, 0, "this keeper belongs to another user");
  close(fd);
}

void brain_open(const char *folder, int first) {
  if (folder != NULL) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof address.sun_path, "%s/keeper.sock", folder);
    memcpy(socket_path, address.sun_path, sizeof socket_path);
    unlink(socket_path);
    listener.fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    listener.on_ready = on_listener;
    spare = open("/dev/null", O_RDONLY | O_CLOEXEC);
    mode_t mask = umask(0177); /* from the first moment on it is ours alone */
    bool is_bound = listener.fd >= 0 && bind(listener.fd, (struct sockaddr *)&address, sizeof address) == 0;
    umask(mask);
    if (!is_bound || listen(listener.fd, 8) < 0 || !source_watch(&listener, EPOLLIN)) die(socket_path);
  }
  if (first >= 0) connect_brain(first, brain_child > 0);
  else leases_begin();
}

void brain_child_ended(int status) {
  brain_child = 0;
  child_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* A brain that we have started is waited for: it has things to say when all is over. */
int brain_close(void) {
  source_close(&brain);
  source_close(&listener);
  if (socket_path[0] != '\0') unlink(socket_path);
  uint64_t end = clock_now() + BRAIN_END_MS * MS;
  while (brain_child > 0 && clock_now() < end) {
    int status;
    pid_t pid = waitpid(-1, &status, WNOHANG);
    if (pid == brain_child) brain_child_ended(status);
    else if (pid <= 0) nanosleep(&(struct timespec){.tv_nsec = 10 * (long)MS}, NULL);
  }
  return child_code;
}
