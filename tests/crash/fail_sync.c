/* Stands between a process and the C library: a sync of a file fails with EIO as long as there is a file, named by
   CLIENTELE_TEST_FAIL_SYNC, that holds the end of its name. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int fails(int fd) {
  const char *path = getenv("CLIENTELE_TEST_FAIL_SYNC");
  FILE *said = path ? fopen(path, "r") : NULL;
  if (!said) return 0;
  char end[64] = "";
  int read = fscanf(said, "%63s", end);
  fclose(said);
  char link[64], name[4096];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, name, sizeof name - 1);
  if (read != 1 || length < (ssize_t)strlen(end)) return 0;
  name[length] = '\0';
  return strcmp(name + length - strlen(end), end) == 0;
}

static int sync_unless_it_fails(const char *function, int fd) {
  if (fails(fd)) {
    errno = EIO;
    return -1;
  }
  int (*next)(int) = (int (*)(int))dlsym(RTLD_NEXT, function);
  return next(fd);
}

int fsync(int fd) { return sync_unless_it_fails("fsync", fd); }
int fdatasync(int fd) { return sync_unless_it_fails("fdatasync", fd); }
