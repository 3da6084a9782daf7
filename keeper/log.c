#include "keeper.h"
void log_open(struct leaf *l) { (void)l; }
uint64_t log_offset(struct leaf *l) { (void)l; return 0; }
bool log_text(struct leaf *l, int s, const char *t, size_t n, bool c) { (void)l; (void)s; (void)t; (void)n; (void)c; return true; }
void log_begin(struct leaf *l) { (void)l; }
void log_end(struct leaf *l) { (void)l; }
void log_close(struct leaf *l) { (void)l; }
