/* Starting one leaf: its pipes, its arguments, its cgroup, and what becomes of them if it does not start. */
#include "keeper.h"

#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "wire.h"

/* Its ends of the pipes, and ours. Ours do not block, its own do, as programs expect. */
struct ends {
  int theirs[4], ours[4]; /* stdin, stdout, stderr, channel */
};

/* A socket, which tells a program that the descriptor is ours and not any file that it has opened. */
static bool make_channel(struct ends *ends) {
  int pair[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0) return false;
  ends->theirs[3] = pair[1];
  ends->ours[3] = pair[0];
  return fcntl(pair[0], F_SETFL, O_NONBLOCK) == 0;
}

static bool make_pipe(struct ends *ends, int which) {
  int pair[2];
  if (pipe2(pair, O_CLOEXEC) < 0) return false;
  bool reads = which == 0;
  ends->theirs[which] = pair[reads ? 0 : 1];
  ends->ours[which] = pair[reads ? 1 : 0];
  return reads || fcntl(ends->ours[which], F_SETFL, O_NONBLOCK) == 0;
}

static void close_all(const int *fds) {
  for (int i = 0; i < 4; i++) {
    if (fds[i] >= 0) close(fds[i]);
  }
}

static bool make_pipes(const struct spec *spec, struct ends *ends) {
  memset(ends, 0xff, sizeof *ends); /* all −1 */
  if (spec->stdin_kind == 1 && !make_pipe(ends, 0)) return false;
  if (spec->stdin_kind == 0 && (ends->theirs[0] = open("/dev/null", O_RDONLY | O_CLOEXEC)) < 0) return false;
  if (!make_pipe(ends, 1) || !make_pipe(ends, 2)) return false;
  return spec->fd == 0 || make_channel(ends);
}

/* The one before argv[0] is for the interpreter of a script that names none, see launch.c. */
static char **arguments_of(const struct spec *spec) {
  static char *argv[STRINGS_MAX + 2];
  const char *argument = spec->strings + spec->argv;
  for (int i = 0; i < spec->argc; i++, argument += strlen(argument) + 1) argv[i + 1] = (char *)argument;
  argv[spec->argc + 1] = NULL;
  return argv + 1;
}

/* False with errno and stage: then nothing is left open. */
bool spawn(struct leaf *leaf, struct spawned *spawned, uint32_t *error, uint32_t *stage) {
  const struct spec *spec = leaf->spec;
  struct ends ends;
  *error = 0;
  if (!make_pipes(spec, &ends)) {
    *error = (uint32_t)errno;
    *stage = STAGE_PIPE;
    close_all(ends.theirs);
    close_all(ends.ours);
    return false;
  }
  char procs[4096];
  int cgroup = cgroup_open(spec, procs, sizeof procs, error);
  *stage = STAGE_CGROUP;
  pid_t pid = -1;
  if (*error == 0) {
    struct launch l = {
      .argv = arguments_of(spec),
      .cwd = spec->strings + spec->cwd,
      .cgroup = cgroup >= 0 ? procs : NULL,
      .stdio = {ends.theirs[0], ends.theirs[1], ends.theirs[2]},
      .channel = ends.theirs[3],
      .channel_to = spec->fd
    };
    l.envp = environment_of(leaf, &l.pid_text);
    pid = launch(&l, cgroup);
    *error = (uint32_t)l.error;
    *stage = (uint32_t)l.stage;
  }
  if (cgroup >= 0) close(cgroup);
  close_all(ends.theirs);
  if (pid <= 1) {
    close_all(ends.ours);
    return false;
  }
  spawned->pid = pid;
  memcpy(spawned->fds, ends.ours, sizeof spawned->fds);
  return true;
}
