/* What log.c and logfile.c share. */
#ifndef LOG_H
#define LOG_H

#include "keeper.h"

struct log {
  struct leaf *leaf;
  char *folder;
  int fd;                     /* −1: it could not be opened */
  uint64_t size, born;        /* of the current file; born in seconds since 1970 */
  uint64_t rotate_size, rotate_age, total;
  uint32_t files;
  bool drops;                 /* when it cannot be written; otherwise its pipes are not read */
  bool within_line;           /* the last entry was a piece */
  int error;                  /* why it cannot be written; 0: it can */
  bool is_told;               /* the brain knows that it cannot */
  struct timer retry;
  char *backlog;              /* entries that could not be written, where it blocks */
  size_t backlog_size, backlog_room;
  uint64_t lost_lines, lost_bytes;
};

int logfile_open(struct log *);
void logfile_close(struct log *);
int logfile_rotate(struct log *);

#endif
