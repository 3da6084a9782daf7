/*
 * The baseline: what is left of a supervisor when everything but starting and starting again is taken away.
 * loop COUNT PROGRAM ARGUMENT: keeps COUNT of them alive; SIGTERM ends them, and then us.
 */
#define _GNU_SOURCE
#include <signal.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static pid_t start(char *const argv[], const sigset_t *before)
{
    pid_t pid = vfork();
    if (pid == 0) {
        sigprocmask(SIG_SETMASK, before, 0);
        execve(argv[0], argv, environ);
        _exit(127);
    }
    return pid;
}

int main(int argc, char *argv[])
{
    if (argc != 4)
        return 64;
    int count = atoi(argv[1]), alive = count, stopping = 0;
    pid_t *pids = calloc(count, sizeof *pids);
    sigset_t watched, before;
    sigemptyset(&watched);
    sigaddset(&watched, SIGCHLD);
    sigaddset(&watched, SIGTERM);
    sigprocmask(SIG_BLOCK, &watched, &before);
    int signals = signalfd(-1, &watched, SFD_CLOEXEC);
    for (int i = 0; i < count; i++)
        pids[i] = start(argv + 2, &before);
    while (alive > 0) {
        struct signalfd_siginfo told;
        if (read(signals, &told, sizeof told) != sizeof told)
            return 70;
        if (told.ssi_signo == SIGTERM && !stopping) {
            stopping = 1;
            for (int i = 0; i < count; i++)
                if (pids[i] > 1)
                    kill(pids[i], SIGTERM);
        }
        for (pid_t pid; (pid = waitpid(-1, 0, WNOHANG)) > 0;) {
            int i = 0;
            while (i < count && pids[i] != pid)
                i++;
            if (i == count)
                continue;
            pids[i] = stopping ? (alive--, 0) : start(argv + 2, &before);
        }
    }
    return 0;
}
