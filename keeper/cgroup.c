/*
 * The v2 cgroup of a leaf, if its SPEC names one: it knows what is in it, wherever that has gone and whatever that says
 * of itself, and ends it in one go. Groups that a leaf makes within its own, as a container runtime does, are its own,
 * too. No controller is enabled, so nothing is limited, and it does not matter in which groups there are processes.
 */
#include "keeper.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

enum {
  PATH_BYTES = 4096,
  DEPTH_MAX = 8,              /* groups in groups of a leaf */
  GROUPS_MAX = 256            /* of one leaf, in one walk */
};

static const char *folder_of(const struct leaf *leaf) { return leaf->spec->strings + leaf->spec->cgroup; }

/* False if there is none, or its name is too long. */
static bool path_in(const char *folder, const char *name, char path[PATH_BYTES]) {
  return folder[0] != '\0' && snprintf(path, PATH_BYTES, "%s/%s", folder, name) < PATH_BYTES;
}

static uint64_t counter_in(const struct leaf *leaf, const char *name, const char *word) {
  char path[PATH_BYTES];
  return path_in(folder_of(leaf), name, path) ? proc_counter(path, word) : 0;
}

/* ---------------------------------------------------------------- made and removed */

static bool parent_of(const char *folder, char path[PATH_BYTES]) {
  const char *slash = strrchr(folder, '/');
  size_t length = slash == NULL ? 0 : (size_t)(slash - folder);
  if (length == 0 || length >= PATH_BYTES) return false;
  memcpy(path, folder, length);
  path[length] = '\0';
  return true;
}

/* 0, or an errno. The group above it is that of the tree, which has gone if a cleaner has found it empty. */
static int make(const char *folder) {
  char above[PATH_BYTES];
  if (mkdir(folder, 0755) == 0) return 0;
  if (errno != ENOENT || !parent_of(folder, above)) return errno;
  if (mkdir(above, 0755) < 0 && errno != EEXIST) return errno;
  return mkdir(folder, 0755) == 0 ? 0 : errno;
}

/* −1: it has none, or it cannot be had; then error is set. `procs` gets the file in which its members are written. */
int cgroup_open(const struct spec *spec, char *procs, size_t size, uint32_t *error) {
  const char *folder = spec->strings + spec->cgroup;
  if (folder[0] == '\0') return -1;
  if ((size_t)snprintf(procs, size, "%s/cgroup.procs", folder) >= size) {
    *error = ENAMETOOLONG;
    return -1;
  }
  int problem = make(folder);
  int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) *error = (uint32_t)(problem != 0 && problem != EEXIST ? problem : errno);
  return fd;
}

/* Every group in this one, the innermost first, and then itself. `path` is as before when it returns. */
static void each_group(char path[PATH_BYTES], int depth, int *left, void (*each)(char *path, void *), void *context) {
  size_t length = strlen(path);
  DIR *folder = depth > 0 ? opendir(path) : NULL;
  struct dirent *entry;
  while (folder != NULL && *left > 0 && (entry = readdir(folder)) != NULL) {
    bool is_group = entry->d_type == DT_DIR && strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
    if (!is_group || length + 1 + strlen(entry->d_name) >= PATH_BYTES) continue;
    path[length] = '/';
    memcpy(path + length + 1, entry->d_name, strlen(entry->d_name) + 1);
    each_group(path, depth - 1, left, each, context);
    path[length] = '\0';
  }
  if (folder != NULL) closedir(folder);
  (*left)--;
  each(path, context);
}

static void walk(const struct leaf *leaf, void (*each)(char *path, void *), void *context) {
  char path[PATH_BYTES];
  int left = GROUPS_MAX;
  bool fits = snprintf(path, sizeof path, "%s", folder_of(leaf)) < PATH_BYTES;
  if (fits) each_group(path, DEPTH_MAX, &left, each, context);
}

static void remove_group(char *path, void *context) {
  (void)context;
  rmdir(path);
}

/* It stays if others have put something into it. */
void cgroup_remove(struct leaf *leaf) {
  leaf->cgroup_killed = false;
  if (leaf->spec == NULL) return;
  const char *folder = folder_of(leaf);
  if (folder[0] != '\0' && rmdir(folder) < 0 && errno == EBUSY) walk(leaf, remove_group, NULL);
}

/*
 * Between two incarnations it is kept, as to remove and to make one takes as long as a start. But not one that has
 * groups in it, nor one that was killed as a whole: what is born in that later the kernel kills, too.
 */
void cgroup_rest(struct leaf *leaf) {
  struct stat stats;
  const char *folder = folder_of(leaf);
  bool has_groups = folder[0] != '\0' && stat(folder, &stats) == 0 && stats.st_nlink > 2;
  if (leaf->cgroup_killed || has_groups) cgroup_remove(leaf);
}

/* And what was above it, if that was all that was in it. */
void cgroup_forget(struct leaf *leaf) {
  char path[PATH_BYTES];
  cgroup_remove(leaf);
  if (leaf->spec != NULL && parent_of(folder_of(leaf), path)) rmdir(path);
}

void cgroups_end(void) {
  for (uint32_t i = 0; i < leaf_numbers; i++) {
    if (leaf_get(i) != NULL) cgroup_forget(leaf_get(i));
  }
}

/* ---------------------------------------------------------------- what is in it */

struct visit {
  void (*each)(pid_t, pid_t parent, void *context);
  void *context;
};

static void visit_group(char *folder, void *context) {
  const struct visit *visit = context;
  char path[PATH_BYTES];
  FILE *file = path_in(folder, "cgroup.procs", path) ? fopen(path, "re") : NULL;
  if (file == NULL) return;
  int pid;
  struct process process;
  while (fscanf(file, "%d", &pid) == 1) {
    /* 0: it is in no pid namespace of ours. */
    bool is_alive = pid > 1 && proc_stat(pid, &process) == LOOK_FOUND && proc_is_alive(&process);
    if (is_alive) visit->each(pid, process.parent, visit->context);
  }
  fclose(file);
}

/* Its processes that are alive, in the groups within it as well. Usually there is none, and one file says so. */
void cgroup_each(const struct leaf *leaf, void (*each)(pid_t, pid_t parent, void *), void *context) {
  struct visit visit = {each, context};
  if (counter_in(leaf, "cgroup.events", "populated") > 0) walk(leaf, visit_group, &visit);
}

/* SIGKILL to all, and to what they fork meanwhile. False if that cannot be: before Linux 5.14 there is no such file. */
bool cgroup_kill(struct leaf *leaf) {
  char path[PATH_BYTES];
  int fd = path_in(folder_of(leaf), "cgroup.kill", path) ? open(path, O_WRONLY | O_CLOEXEC) : -1;
  if (fd < 0) return false;
  bool is_done = write(fd, "1", 1) == 1;
  leaf->cgroup_killed = true;
  close(fd);
  return is_done;
}

/* How often something in it was killed for lack of memory. Only told where the memory controller is enabled for it. */
uint64_t cgroup_oom_kills(const struct leaf *leaf) { return counter_in(leaf, "memory.events", "oom_kill"); }

/* ---------------------------------------------------------------- whose it is */

static bool is_marked(const char *folder, const char *name) {
  char value[4];
  return getxattr(folder, name, value, sizeof value) == 1 && value[0] == '1';
}

/* systemd marks what it leaves to others; the second name only root can read, and the first needs Linux 5.13. */
bool cgroup_is_delegated(const char *folder) {
  return is_marked(folder, "user.delegate") || is_marked(folder, "trusted.delegate");
}
