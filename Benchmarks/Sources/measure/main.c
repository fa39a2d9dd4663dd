// measure LOG COMMAND [ARGUMENT…] runs the command, its standard error going to LOG, and prints what it cost:
// user µs, system µs, wall µs, peak resident kB, exit status.
//
// A small program of its own, because Linux starts a child's peak at the memory of the process that spawned it.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

static long long microseconds(struct timeval time) { return time.tv_sec * 1000000LL + time.tv_usec; }

static long long now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1000000LL + time.tv_nsec / 1000;
}

int main(int count, char **arguments) {
  if (count < 3) return 64;
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, arguments[1], O_WRONLY | O_CREAT | O_TRUNC, 0644);
  pid_t child;
  long long start = now();
  int error = posix_spawnp(&child, arguments[2], &actions, NULL, arguments + 2, environ);
  if (error != 0) {
    fprintf(stderr, "%s: %s\n", arguments[2], strerror(error));
    return 69;
  }
  int status;
  struct rusage usage;
  while (wait4(child, &status, 0, &usage) < 0) {
    if (errno != EINTR) return 71;
  }
  long long wall = now() - start;
  int code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  printf("%lld %lld %lld %ld %d\n", microseconds(usage.ru_utime), microseconds(usage.ru_stime), wall,
         usage.ru_maxrss, code);
  return 0;
}
