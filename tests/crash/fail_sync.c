/* Stands between a process and the C library. As long as there is a file, named by CLIENTELE_TEST_FAIL_SYNC, that holds
   the end of a name and a word, a sync of a file with such a name fails once with EIO ("fail"), or takes its name away
   before it succeeds ("unlink"). */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Returns whether the sync fails. */
static int interfere(int fd) {
  const char *path = getenv("CLIENTELE_TEST_FAIL_SYNC");
  FILE *said = path ? fopen(path, "r") : NULL;
  if (!said) return 0;
  char end[64] = "", what[64] = "";
  int read = fscanf(said, "%63s %63s", end, what);
  fclose(said);
  char link[64], name[4096];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, name, sizeof name - 1);
  if (read != 2 || length < (ssize_t)strlen(end)) return 0;
  name[length] = '\0';
  if (strcmp(name + length - strlen(end), end) != 0) return 0;
  if (strcmp(what, "unlink") == 0) {
    unlink(name);
    return 0;
  }
  unlink(path);
  return 1;
}

static int sync_unless_it_fails(const char *function, int fd) {
  if (interfere(fd)) {
    errno = EIO;
    return -1;
  }
  int (*next)(int) = (int (*)(int))dlsym(RTLD_NEXT, function);
  return next(fd);
}

int fsync(int fd) { return sync_unless_it_fails("fsync", fd); }
int fdatasync(int fd) { return sync_unless_it_fails("fdatasync", fd); }
