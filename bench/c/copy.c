/* The least that a log costs: copy FILE writes what it reads to a file, without looking at it and without an end. */
#include <fcntl.h>
#include <unistd.h>

int main(int argc, char *argv[])
{
    static char bytes[65536];
    int file = argc == 2 ? open(argv[1], O_WRONLY | O_CREAT | O_TRUNC, 0644) : -1;
    for (ssize_t size; file >= 0 && (size = read(0, bytes, sizeof bytes)) > 0;)
        if (write(file, bytes, size) != size)
            return 74;
    return 0;
}
