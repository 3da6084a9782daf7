/*
 * What /proc says about a process. A container may hide it, and old or hardened kernels lack parts of it: every answer
 * can be "unknown", and its caller then waits and looks again.
 */
#include "keeper.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The places of fields of stat, counted from the fourth. */
enum { START_TIME = 18, ENV_START = 46, FIELDS = 48 };

static char environment[1 << 20];

/* Answers how much of the file was read; an errno, negated, if nothing could be. */
static ssize_t slurp(const char *path, char *into, size_t size) {
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return -errno;
  size_t length = 0;
  while (length < size - 1) {
    ssize_t n = read(fd, into + length, size - 1 - length);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) { int error = errno; close(fd); return -error; }
    if (n == 0) break;
    length += (size_t)n;
  }
  close(fd);
  into[length] = '\0';
  return (ssize_t)length;
}

static enum look look_of(ssize_t error) {
  if (error == -ENOENT || error == -ESRCH) return LOOK_MISSING;
  return error == -EACCES || error == -EPERM ? LOOK_FORBIDDEN : LOOK_UNKNOWN;
}

enum look proc_stat(pid_t pid, struct process *process) {
  char path[40], text[1024];
  snprintf(path, sizeof path, "/proc/%d/stat", pid);
  ssize_t length = slurp(path, text, sizeof text);
  if (length <= 0) return length == 0 ? LOOK_UNKNOWN : look_of(length);
  /* The second field is the name in parentheses, which may itself contain any character. */
  const char *at = strrchr(text, ')');
  if (at == NULL || at[1] != ' ') return LOOK_UNKNOWN;
  process->state = at[2];
  uint64_t fields[FIELDS] = {0}; /* from the fourth on: parent, group, …; the last ones since Linux 3.5 */
  char *end;
  at += 3;
  for (int i = 0; i < FIELDS; i++, at = end) {
    fields[i] = strtoull(at, &end, 10);
    if (end == at && i <= START_TIME) return LOOK_UNKNOWN;
  }
  process->parent = (pid_t)fields[0];
  process->group = (pid_t)fields[1];
  process->threads = (uint32_t)fields[16];
  process->start_time = fields[START_TIME];
  process->has_no_environment = fields[ENV_START] != 0 && fields[ENV_START] == fields[ENV_START + 1];
  return LOOK_FOUND;
}

/* A process whose first thread has ended shows as a zombie while its other threads run. */
bool proc_is_alive(const struct process *p) {
  return (p->state != 'Z' && p->state != 'X' && p->state != 'x') || p->threads > 1;
}

uint64_t start_time(pid_t pid) {
  struct process process;
  return proc_stat(pid, &process) == LOOK_FOUND ? process.start_time : 0;
}

/* The text is valid until the next call. Empty, as while a process starts its program: unknown. */
enum look proc_environment(pid_t pid, const char **text, size_t *size) {
  char path[40];
  snprintf(path, sizeof path, "/proc/%d/environ", pid);
  ssize_t length = slurp(path, environment, sizeof environment);
  if (length <= 0) return length == 0 ? LOOK_UNKNOWN : look_of(length);
  *text = environment;
  *size = (size_t)length;
  return LOOK_FOUND;
}

bool proc_each(void (*each)(pid_t, void *), void *context) {
  DIR *folder = opendir("/proc");
  if (folder == NULL) return false;
  errno = 0;
  for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
    pid_t pid = (pid_t)strtol(entry->d_name, NULL, 10);
    if (pid > 0) each(pid, context);
  }
  bool complete = errno == 0;
  closedir(folder);
  return complete;
}

/* ---------------------------------------------------------------- children */

struct by_parent {
  pid_t parent;
  void (*each)(pid_t, pid_t, void *);
  void *context;
};

static void if_child(pid_t pid, void *context) {
  struct by_parent *wanted = context;
  struct process process;
  if (proc_stat(pid, &process) == LOOK_FOUND && process.parent == wanted->parent) {
    wanted->each(pid, wanted->parent, wanted->context);
  }
}

/* Reads one list of pids, in pieces, as it may be long. */
static bool children_of_thread(const char *path, pid_t parent, void (*each)(pid_t, pid_t, void *), void *context) {
  FILE *file = fopen(path, "re");
  if (file == NULL) return errno == ENOENT || errno == ESRCH;
  int child;
  while (fscanf(file, "%d", &child) == 1) {
    if (child > 1) each((pid_t)child, parent, context);
  }
  bool complete = !ferror(file);
  fclose(file);
  return complete;
}

static int has_children_files = -1;

/*
 * Every child of a process, of all its threads. False if not all could be seen. Without CONFIG_PROC_CHILDREN there are
 * no such files: then the parent of every process of the machine is looked at, which finds the same and costs more.
 */
bool proc_children(pid_t pid, void (*each)(pid_t, pid_t, void *), void *context) {
  char path[96];
  if (has_children_files < 0) {
    snprintf(path, sizeof path, "/proc/self/task/%d/children", getpid());
    has_children_files = access(path, R_OK) == 0;
  }
  if (!has_children_files) {
    struct by_parent wanted = {pid, each, context};
    return proc_each(if_child, &wanted);
  }
  if (pid == getpid()) { /* we have one thread */
    snprintf(path, sizeof path, "/proc/self/task/%d/children", pid);
    return children_of_thread(path, pid, each, context);
  }
  snprintf(path, sizeof path, "/proc/%d/task", pid);
  DIR *threads = opendir(path);
  if (threads == NULL) return errno == ENOENT || errno == ESRCH;
  bool complete = true;
  for (struct dirent *entry; (entry = readdir(threads)) != NULL;) {
    if (entry->d_name[0] < '0' || entry->d_name[0] > '9') continue;
    snprintf(path, sizeof path, "/proc/%d/task/%.20s/children", pid, entry->d_name);
    complete = children_of_thread(path, pid, each, context) && complete;
  }
  closedir(threads);
  return complete;
}

/* The number behind a word, in a file of words and numbers; 0 if it is not there. */
uint64_t proc_counter(const char *path, const char *word) {
  FILE *file = fopen(path, "re");
  if (file == NULL) return 0;
  char line[256];
  uint64_t value = 0;
  size_t length = strlen(word);
  while (fgets(line, sizeof line, file) != NULL) {
    if (strncmp(line, word, length) == 0 && line[length] == ' ') value = strtoull(line + length, NULL, 10);
  }
  fclose(file);
  return value;
}
