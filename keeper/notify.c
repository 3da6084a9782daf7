/*
 * The socket of sd_notify. One for all leaves: the kernel says which process has sent a datagram, and its place among
 * ours says to which leaf it belongs. What a process says counts for its own leaf only.
 */
#include "keeper.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "wire.h"

enum { DESCRIPTORS_MAX = 253, ANCESTORS_MAX = 64 };

uint64_t notify_strangers;

static struct source notify = {.fd = -1};
static char address[sizeof(struct sockaddr_un) + 1];

const char *notify_address(void) { return address; }

/* ---------------------------------------------------------------- whose it is */

static struct leaf *leaf_of_known(pid_t pid) {
  void *owner = NULL;
  switch (pid_find(pid, &owner)) {
    case PID_LEADER: case PID_GROUP: return owner;
    case PID_ADOPTED: return ((struct adopted *)owner)->leaf;
    default: return NULL;
  }
}

/*
 * Its own leader, or that of its session, or an ancestor. A process that has ended and was waited for is not to be
 * found any more; systemd-notify waits for our answer (BARRIER), so that it is.
 */
static struct leaf *leaf_of(pid_t pid) {
  if (pid <= 1) return NULL;
  struct leaf *leaf = leaf_of_known(pid);
  pid_t session = getsid(pid);
  if (leaf == NULL && session > 1) leaf = leaf_of_known(session);
  struct process process;
  for (int i = 0; leaf == NULL && i < ANCESTORS_MAX; i++) {
    if (proc_stat(pid, &process) != LOOK_FOUND || process.parent <= 1) return NULL;
    pid = process.parent;
    leaf = leaf_of_known(pid);
  }
  return leaf != NULL && leaf->state >= RUNNING ? leaf : NULL;
}

/* ---------------------------------------------------------------- what it says */

struct said {
  uint32_t what, main_pid, error;
  uint64_t watchdog, extend;
  const char *status;
  bool is_beat;
};

static bool number_after(const char *line, const char *name, uint64_t *value) {
  size_t length = strlen(name);
  if (strncmp(line, name, length) != 0 || line[length] < '0' || line[length] > '9') return false;
  char *end;
  errno = 0;
  *value = strtoull(line + length, &end, 10);
  return *end == '\0' && errno == 0;
}

static void take_line(struct said *said, const char *line) {
  uint64_t value = 0;
  if (strcmp(line, "READY=1") == 0) said->what |= SAID_READY;
  else if (strcmp(line, "RELOADING=1") == 0) said->what |= SAID_RELOADING;
  else if (strcmp(line, "STOPPING=1") == 0) said->what |= SAID_STOPPING;
  else if (strcmp(line, "WATCHDOG=1") == 0) said->is_beat = true;
  else if (strcmp(line, "WATCHDOG=trigger") == 0) said->what |= SAID_TRIGGER;
  else if (strncmp(line, "STATUS=", 7) == 0) {
    said->what |= SAID_STATUS;
    said->status = line + 7;
  } else if (number_after(line, "ERRNO=", &value) && value <= UINT32_MAX) {
    said->what |= SAID_ERRNO;
    said->error = (uint32_t)value;
  } else if (number_after(line, "MAINPID=", &value) && value <= INT32_MAX) {
    said->what |= SAID_MAINPID;
    said->main_pid = (uint32_t)value;
  } else if (number_after(line, "WATCHDOG_USEC=", &value)) {
    said->what |= SAID_WATCHDOG_USEC;
    said->watchdog = value;
  } else if (number_after(line, "EXTEND_TIMEOUT_USEC=", &value)) {
    said->what |= SAID_EXTEND;
    said->extend = value;
  }
}

static void tell(const struct leaf *leaf, pid_t sender, const struct said *said) {
  uint8_t head[48];
  struct writer w = {head};
  write_u64(&w, now);
  write_u32(&w, leaf->number);
  write_u32(&w, leaf->incarnation);
  write_u32(&w, (uint32_t)sender);
  write_u32(&w, said->what);
  write_u64(&w, said->watchdog);
  write_u64(&w, said->extend);
  write_u32(&w, said->main_pid);
  write_u32(&w, said->error);
  const char *status = said->status == NULL ? "" : said->status;
  brain_frame(NOTIFY, head, sizeof head, status, strnlen(status, STATUS_MAX));
}

static void take_datagram(char *text, pid_t sender) {
  struct leaf *leaf = leaf_of(sender);
  if (leaf == NULL) {
    notify_strangers++;
    return;
  }
  struct said said = {0};
  char *rest = NULL;
  for (char *line = strtok_r(text, "\n", &rest); line != NULL; line = strtok_r(NULL, "\n", &rest)) {
    take_line(&said, line);
  }
  if ((said.what & SAID_READY) && leaf->spec->ready == READY_NOTIFY) leaf_is_ready(leaf, READY_NOTIFY);
  if (said.is_beat && leaf->spec->beat == BEAT_NOTIFY) beat_add(leaf, NO_TIME);
  if (said.what & SAID_EXTEND) {
    uint64_t micros = said.extend < EXTEND_LIMIT_MS * 1000ull ? said.extend : EXTEND_LIMIT_MS * 1000ull;
    leaf_extend(leaf, now + micros * 1000);
  }
  if (said.what != 0) tell(leaf, sender, &said);
}

/* ---------------------------------------------------------------- the socket */

/* False when there is no more. Descriptors that come along are closed: for BARRIER that is the answer. */
static bool receive(void) {
  char text[DATAGRAM_MAX + 1];
  _Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(struct ucred)) + CMSG_SPACE(DESCRIPTORS_MAX * sizeof(int))];
  struct iovec part = {text, DATAGRAM_MAX};
  struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
  ssize_t n = recvmsg(notify.fd, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
  if (n < 0) return errno == EINTR;
  text[n] = '\0';
  int fds[DESCRIPTORS_MAX];
  size_t count = 0;
  struct ucred sender = {0};
  for (struct cmsghdr *c = CMSG_FIRSTHDR(&message); c != NULL; c = CMSG_NXTHDR(&message, c)) {
    if (c->cmsg_level != SOL_SOCKET) continue;
    size_t size = c->cmsg_len - CMSG_LEN(0);
    if (c->cmsg_type == SCM_CREDENTIALS && size == sizeof sender) memcpy(&sender, CMSG_DATA(c), sizeof sender);
    if (c->cmsg_type == SCM_RIGHTS && size <= sizeof fds) {
      count = size / sizeof(int);
      memcpy(fds, CMSG_DATA(c), size);
    }
  }
  /* One that was too long is not cut, as half a word may mean another. */
  if (!(message.msg_flags & MSG_TRUNC)) take_datagram(text, sender.pid);
  for (size_t i = 0; i < count; i++) close(fds[i]);
  return true;
}

void notify_read(void) {
  for (int i = 0; i < DATAGRAMS_A_TURN && receive(); i++) continue;
}

static void on_notify(struct source *source, uint32_t events) {
  (void)source;
  (void)events;
  notify_read();
}

/* Without a folder the kernel chooses an abstract name, which is written with @ for its NUL. */
void notify_open(const char *folder) {
  struct sockaddr_un bound = {.sun_family = AF_UNIX};
  socklen_t size = sizeof(sa_family_t);
  if (folder != NULL) {
    snprintf(bound.sun_path, sizeof bound.sun_path, "%s/notify.sock", folder);
    unlink(bound.sun_path);
    size = sizeof bound;
  }
  notify.fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  notify.on_ready = on_notify;
  mode_t mask = umask(0177);
  bool is_bound = notify.fd >= 0 && bind(notify.fd, (struct sockaddr *)&bound, size) == 0;
  umask(mask);
  int one = 1;
  if (!is_bound || setsockopt(notify.fd, SOL_SOCKET, SO_PASSCRED, &one, sizeof one) < 0) die("the socket of sd_notify");
  size = sizeof bound;
  if (getsockname(notify.fd, (struct sockaddr *)&bound, &size) < 0) die("the socket of sd_notify");
  size_t length = size - offsetof(struct sockaddr_un, sun_path);
  memcpy(address, bound.sun_path, length);
  address[length] = '\0';
  if (folder == NULL) address[0] = '@';
  if (!source_watch(&notify, EPOLLIN)) die("epoll_ctl");
}

void notify_close(void) {
  source_close(&notify);
  if (address[0] == '/') unlink(address);
}
