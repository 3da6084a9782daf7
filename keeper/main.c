/* The program: its arguments, what must be in order before the loop runs, and its end. */
#include "keeper.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

enum { FIRST_BRAIN = 3 };

struct options {
  const char *folder;
  bool guard;
  char **brain;
};

_Noreturn static void usage(const char *what) {
  fprintf(stderr, "keeper: %s\n", what);
  fprintf(stderr, "usage: keeper [--dir DIR] [--no-guard] [-- BRAIN ARG…]\n       keeper --is-delegated CGROUP\n");
  _exit(64);
}

static struct options options_of(char **argv) {
  struct options options = {.guard = true};
  for (char **at = argv + 1; *at != NULL; at++) {
    if (strcmp(*at, "--dir") == 0 && at[1] != NULL) options.folder = *++at;
    else if (strcmp(*at, "--no-guard") == 0) options.guard = false;
    else if (strcmp(*at, "--") == 0 && at[1] != NULL) {
      options.brain = at + 1;
      break;
    } else usage("unknown argument");
  }
  struct sockaddr_un address;
  if (options.folder != NULL && options.folder[0] != '/') usage("the folder is an absolute path");
  if (options.folder != NULL && strlen(options.folder) + sizeof "/keeper.sock" > sizeof address.sun_path) {
    usage("the path of the folder is too long for a socket in it");
  }
  return options;
}

/* 0, 1 and 2 are ours even if we were given none, as a start relies on its pipes having higher numbers. */
static void open_standard(void) {
  int fd;
  do fd = open("/dev/null", O_RDWR | O_CLOEXEC);
  while (fd >= 0 && fd < 3);
  if (fd >= 0) close(fd);
}

/* No leaf inherits what we were given. Before Linux 5.11 there is no such call; then those of usual numbers. */
static void close_on_exec(void) {
#ifdef SYS_close_range
  if (syscall(SYS_close_range, 3u, ~0u, 4u /* CLOSE_RANGE_CLOEXEC */) == 0) return;
#endif
  for (int fd = 3; fd < 1024; fd++) fcntl(fd, F_SETFD, FD_CLOEXEC);
}

/* A leaf inherits what is ignored, and the program that started us may ignore SIGHUP or SIGPIPE. */
static void default_signals(void) {
  for (int number = 1; number <= 64; number++) signal(number, SIG_DFL);
}

/* It is small still, so fork costs little. Answers our end of the connection. */
static int start_brain(char **argv) {
  int pair[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0) die("socketpair");
  pid_t pid = fork();
  if (pid < 0) die("fork");
  if (pid > 0) {
    brain_child = pid;
    close(pair[1]);
    return pair[0];
  }
  if (pair[1] == FIRST_BRAIN) fcntl(FIRST_BRAIN, F_SETFD, 0);
  else dup2(pair[1], FIRST_BRAIN);
  setrlimit(RLIMIT_NOFILE, &files_limit);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
  execvp(argv[0], argv);
  die(argv[0]);
}

static bool is_socket(int fd) {
  int type;
  socklen_t size = sizeof type;
  return getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) == 0 && type == SOCK_STREAM;
}

int main(int argc, char **argv) {
  if (argc < 1) return 64;
  bool asks = argc == 3 && strcmp(argv[1], "--is-delegated") == 0;
  if (asks) return cgroup_is_delegated(argv[2]) ? 0 : 1;
  struct options options = options_of(argv);
  open_standard();
  default_signals();
  int first = is_socket(FIRST_BRAIN) ? FIRST_BRAIN : -1;
  if (first < 0 && options.folder == NULL && options.brain == NULL) {
    usage("no brain can connect: give it descriptor 3, --dir or --");
  }
  if (options.guard) guard_split();
  close_on_exec();
  prctl(PR_SET_CHILD_SUBREAPER, 1);
  prctl(PR_SET_NAME, "keeper");
  getrlimit(RLIMIT_NOFILE, &files_limit);
  struct rlimit most = {files_limit.rlim_max, files_limit.rlim_max};
  setrlimit(RLIMIT_NOFILE, &most);
  events_open();
  oom_begin();
  notify_open(options.folder);
  if (options.brain != NULL) first = start_brain(options.brain);
  brain_open(options.folder, first);
  events_run();
  cgroups_end();
  notify_close();
  return brain_close();
}
