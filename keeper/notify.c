#include "keeper.h"
uint64_t notify_strangers;
void notify_open(const char *f) { (void)f; }
const char *notify_address(void) { return ""; }
void notify_close(void) {}
