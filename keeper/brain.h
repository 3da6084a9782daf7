/* What brain.c and queue.c share. */
#ifndef BRAIN_H
#define BRAIN_H

#include "keeper.h"

extern uint32_t kept_count;
extern uint64_t kept_oldest, kept_next;           /* the numbers of the oldest kept event and of the next one */

bool queue_put(uint8_t type, const void *head, size_t head_size, const void *rest, size_t rest_size, size_t limit);
bool queue_move_kept(void);
size_t queue_size(void);
bool queue_is_empty(void);
bool queue_send(int fd, bool with_kept);
void queue_restart(void);

#endif
