/*
 * LD_PRELOAD shim: every fsync and fdatasync takes FSYNC_US microseconds more, which stands for an ordinary disk.
 * cc -O2 -shared -fPIC -o slowfsync.so slowfsync.c -ldl
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <time.h>

static void wait_as_a_disk(void) {
  static long us = -1;
  if (us < 0) {
    const char *text = getenv("FSYNC_US");
    us = text ? atol(text) : 0;
  }
  if (us <= 0) return;
  struct timespec pause = {us / 1000000, (us % 1000000) * 1000};
  nanosleep(&pause, NULL);
}

int fsync(int fd) {
  static int (*real)(int);
  if (!real) real = (int (*)(int))dlsym(RTLD_NEXT, "fsync");
  wait_as_a_disk();
  return real(fd);
}

int fdatasync(int fd) {
  static int (*real)(int);
  if (!real) real = (int (*)(int))dlsym(RTLD_NEXT, "fdatasync");
  wait_as_a_disk();
  return real(fd);
}
