/*
 * LD_PRELOAD shim: a disk that fails on demand. $FAULTY_RULES names a file with lines `<call> <suffix> <errno>`; a call
 * (`write`, `sync` or `open`) on a file whose path ends so fails with that error for as long as the line is there.
 * `open` stands for opening to write.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

static int (*realOpen)(const char *, int, ...);

__attribute__((constructor)) static void find(void) { realOpen = dlsym(RTLD_NEXT, "open64"); }

static int endsWith(const char *path, const char *suffix) {
  size_t length = strlen(path), end = strlen(suffix);
  return length >= end && strcmp(path + length - end, suffix) == 0;
}

/* The error of the rule that fits, 0 when none does. */
static int faultOf(const char *call, const char *path) {
  const char *rules = getenv("FAULTY_RULES");
  char text[4096];
  char ruleCall[16], suffix[256];
  int error, used;
  if (rules == NULL || realOpen == NULL) return 0;
  int file = realOpen(rules, O_RDONLY | O_CLOEXEC);
  if (file < 0) return 0;
  ssize_t length = read(file, text, sizeof text - 1);
  close(file);
  if (length <= 0) return 0;
  text[length] = '\0';
  for (const char *at = text; sscanf(at, "%15s %255s %d%n", ruleCall, suffix, &error, &used) == 3; at += used) {
    if (strcmp(ruleCall, call) == 0 && endsWith(path, suffix)) return error;
  }
  return 0;
}

static int faultOfFile(const char *call, int fd) {
  char link[64], path[PATH_MAX];
  if (getenv("FAULTY_RULES") == NULL) return 0;
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, path, sizeof path - 1);
  if (length < 0 || path[0] != '/') return 0;
  path[length] = '\0';
  return faultOf(call, path);
}

#define GUARD(call, fd)                    \
  int fault = faultOfFile(call, fd);       \
  if (fault != 0) {                        \
    errno = fault;                         \
    return -1;                             \
  }

#define NEXT(type, name)                   \
  static type next;                        \
  if (next == NULL) next = (type)dlsym(RTLD_NEXT, name)

typedef ssize_t (*Write)(int, const void *, size_t);
typedef ssize_t (*Pwrite)(int, const void *, size_t, off_t);
typedef int (*Sync)(int);
typedef int (*Truncate)(int, off_t);

ssize_t write(int fd, const void *data, size_t size) {
  NEXT(Write, "write");
  GUARD("write", fd);
  return next(fd, data, size);
}

ssize_t pwrite(int fd, const void *data, size_t size, off_t at) {
  NEXT(Pwrite, "pwrite");
  GUARD("write", fd);
  return next(fd, data, size, at);
}

ssize_t pwrite64(int fd, const void *data, size_t size, off_t at) {
  NEXT(Pwrite, "pwrite64");
  GUARD("write", fd);
  return next(fd, data, size, at);
}

int ftruncate64(int fd, off_t size) {
  NEXT(Truncate, "ftruncate64");
  GUARD("write", fd);
  return next(fd, size);
}

int fsync(int fd) {
  NEXT(Sync, "fsync");
  GUARD("sync", fd);
  return next(fd);
}

int fdatasync(int fd) {
  NEXT(Sync, "fdatasync");
  GUARD("sync", fd);
  return next(fd);
}

static int openUnderFault(const char *path, int flags, mode_t mode) {
  if ((flags & (O_WRONLY | O_RDWR)) != 0) {
    int fault = faultOf("open", path);
    if (fault != 0) {
      errno = fault;
      return -1;
    }
  }
  return realOpen(path, flags, mode);
}

int open64(const char *path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  mode_t mode = (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(rest, mode_t) : 0;
  va_end(rest);
  if (realOpen == NULL) find();
  return openUnderFault(path, flags, mode);
}

int open(const char *path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  mode_t mode = (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(rest, mode_t) : 0;
  va_end(rest);
  if (realOpen == NULL) find();
  return openUnderFault(path, flags, mode);
}
