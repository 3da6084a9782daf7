/* The files of one log: how they are opened, rotated by rename, and removed when there are too many. */
#include "keeper.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "log.h"

enum { FOLDER_MODE = 0750, FILE_MODE = 0640, NAMES_MAX = 1024, NAME_BYTES = 48 };

static bool path_in(const struct log *log, const char *name, char *path) {
  return (size_t)snprintf(path, PATH_MAX, "%s/%s", log->folder, name) < PATH_MAX;
}

/* When its first entry was written; now, if it has none. */
static uint64_t born(int fd) {
  char text[20] = "";
  struct tm t = {0};
  if (pread(fd, text, 19, 0) != 19 || strptime(text, "%Y-%m-%dT%H:%M:%S", &t) == NULL) return (uint64_t)time(NULL);
  return (uint64_t)timegm(&t);
}

/* A keeper that was killed may have left half an entry: the next one begins on a line of its own. */
static void end_torn_line(struct log *log) {
  char last;
  if (log->size == 0 || pread(log->fd, &last, 1, (off_t)log->size - 1) != 1 || last == '\n') return;
  if (write(log->fd, "\n", 1) == 1) log->size++;
}

/* 0, or an errno. */
int logfile_open(struct log *log) {
  char path[PATH_MAX];
  struct stat file;
  if (!path_in(log, "current.log", path)) return ENAMETOOLONG;
  mkdir(log->folder, FOLDER_MODE); /* if it is there already that is as well, and if not, open says so */
  log->fd = open(path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, FILE_MODE);
  if (log->fd < 0) return errno;
  log->size = fstat(log->fd, &file) == 0 ? (uint64_t)file.st_size : 0;
  log->born = born(log->fd);
  end_torn_line(log);
  return 0;
}

void logfile_close(struct log *log) {
  if (log->fd >= 0) close(log->fd);
  log->fd = -1;
}

/* ---------------------------------------------------------------- old files */

struct old {
  char name[NAME_BYTES];
  uint64_t size;
};

static int by_name(const void *a, const void *b) {
  const struct old *first = a, *second = b;
  return strcmp(first->name, second->name);
}

/* 2026-11-27T09-40-06.123456789Z.log, also when the brain has compressed it to .log.gz: sorted by name is by age. */
static bool is_old(const char *name) {
  return strlen(name) < NAME_BYTES && name[0] >= '0' && name[0] <= '9' && strstr(name, "Z.log") != NULL;
}

static void remove_oldest(struct log *log) {
  static struct old olds[NAMES_MAX];
  int count = 0;
  uint64_t total = log->size;
  DIR *folder = opendir(log->folder);
  if (folder == NULL) return;
  for (struct dirent *entry; count < NAMES_MAX && (entry = readdir(folder)) != NULL;) {
    struct stat file;
    if (!is_old(entry->d_name) || fstatat(dirfd(folder), entry->d_name, &file, AT_SYMLINK_NOFOLLOW) < 0) continue;
    strcpy(olds[count].name, entry->d_name);
    olds[count++].size = (uint64_t)file.st_size;
    total += (uint64_t)file.st_size;
  }
  qsort(olds, (size_t)count, sizeof olds[0], by_name);
  for (int i = 0; i < count; i++) {
    bool too_many = count - i > (int)(log->files < NAMES_MAX ? log->files : NAMES_MAX);
    if (!too_many && (log->total == 0 || total <= log->total)) break;
    if (unlinkat(dirfd(folder), olds[i].name, 0) == 0) total -= olds[i].size;
  }
  closedir(folder);
}

/*
 * 0, or an errno. If it cannot be renamed it grows on: better a long file than a lost line. If it is not there any more,
 * what is written to it is lost, so a new one is begun.
 */
int logfile_rotate(struct log *log) {
  char from[PATH_MAX], to[PATH_MAX], name[NAME_BYTES], second[24];
  struct timespec t;
  struct tm parts;
  clock_gettime(CLOCK_REALTIME, &t);
  gmtime_r(&t.tv_sec, &parts);
  strftime(second, sizeof second, "%Y-%m-%dT%H-%M-%S", &parts);
  snprintf(name, sizeof name, "%s.%09ldZ.log", second, t.tv_nsec);
  bool is_named = path_in(log, "current.log", from) && path_in(log, name, to);
  if (!is_named || (rename(from, to) < 0 && errno != ENOENT)) {
    log->born = (uint64_t)t.tv_sec;
    return 0;
  }
  logfile_close(log);
  int error = logfile_open(log);
  remove_oldest(log);
  return error;
}
