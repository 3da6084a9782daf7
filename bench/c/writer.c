/*
 * What is logged: writer BYTES TOTAL GO REPORTS writes TOTAL bytes to stdout, in lines of 200 bytes and writes of about BYTES, as soon as
 * the last writer of the fifo GO closes it. When all of it is in the pipe it writes its pid and the time to the fifo REPORTS, as leaf.c does, and waits.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { LINE = 200 };

static void put(const char *bytes, size_t size)
{
    while (size > 0) {
        ssize_t written = write(1, bytes, size);
        if (written < 0)
            _exit(74);
        bytes += written;
        size -= written;
    }
}

int main(int argc, char *argv[])
{
    if (argc != 5)
        return 64;
    size_t bytes = strtoul(argv[1], 0, 10) / LINE * LINE;
    long total = atol(argv[2]);
    char *text = malloc(bytes);
    memset(text, 'x', bytes);
    for (size_t end = LINE; end <= bytes; end += LINE)
        text[end - 1] = '\n';
    char none;
    if (read(open(argv[3], O_RDONLY), &none, 1) != 0)
        return 66;
    for (; total > 0; total -= bytes)
        put(text, bytes);
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    long long report[2] = {getpid(), now.tv_sec * 1000000000LL + now.tv_nsec};
    if (write(open(argv[4], O_WRONLY), report, sizeof report) != sizeof report)
        return 74;
    for (;;)
        pause();
}
