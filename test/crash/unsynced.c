/*
 * LD_PRELOAD shim: keeps in $UNSYNCED_SHADOW what a power cut would leave of the folder $UNSYNCED_ROOT.
 *
 * A file's contents get there when it is synced, a folder's names when the folder is synced. Nothing else does. The
 * folder itself counts as there. Files are kept as `<key>`, lists of names as `<key>.names` with a line
 * `<type> <key> <name>` for each entry; a key is the inode and its birth, because inodes are used again.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void fail(const char *what) {
  dprintf(2, "unsynced: %s: %s\n", what, strerror(errno));
  abort();
}

static int keyOf(int folder, const char *name, char *key, size_t size, char *type) {
  struct statx found;
  int flags = AT_SYMLINK_NOFOLLOW | (name[0] == '\0' ? AT_EMPTY_PATH : 0);
  if (statx(folder, name, flags, STATX_BASIC_STATS | STATX_BTIME, &found) != 0) return -1;
  long long birthNs = (long long)found.stx_btime.tv_sec * 1000000000LL + found.stx_btime.tv_nsec;
  snprintf(key, size, "%llu-%lld", (unsigned long long)found.stx_ino, birthNs);
  *type = S_ISREG(found.stx_mode) ? 'f' : S_ISDIR(found.stx_mode) ? 'd' : '?';
  return 0;
}

/* 1 when the descriptor is of something in the root, or the root itself. */
static int isTracked(int fd) {
  const char *root = getenv("UNSYNCED_ROOT");
  char link[64], path[PATH_MAX];
  if (root == NULL || getenv("UNSYNCED_SHADOW") == NULL) return 0;
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, path, sizeof path - 1);
  if (length < 0) return 0;
  path[length] = '\0';
  size_t rootLength = strlen(root);
  return strncmp(path, root, rootLength) == 0 && (path[rootLength] == '/' || path[rootLength] == '\0');
}

/* Reads through the same descriptor: closing a second one would drop SQLite's locks on the file. */
static void keepFile(int fd, const char *key) {
  static char block[1 << 16];
  char kept[PATH_MAX], link[64];
  int from = fd;
  if ((fcntl(fd, F_GETFL) & O_ACCMODE) == O_WRONLY) {
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    from = open(link, O_RDONLY | O_CLOEXEC);
  }
  snprintf(kept, sizeof kept, "%s/%s", getenv("UNSYNCED_SHADOW"), key);
  int to = open(kept, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  if (from < 0 || to < 0) fail(kept);
  off_t at = 0;
  for (ssize_t got; (got = pread(from, block, sizeof block, at)) != 0; at += got) {
    if (got < 0 || pwrite(to, block, (size_t)got, at) != got) fail(kept);
  }
  if (ftruncate(to, at) != 0) fail(kept);
  close(to);
  if (from != fd) close(from);
}

static void keepNames(int fd, const char *key) {
  char draft[PATH_MAX + 8], kept[PATH_MAX], entryKey[64], type;
  snprintf(kept, sizeof kept, "%s/%s.names", getenv("UNSYNCED_SHADOW"), key);
  snprintf(draft, sizeof draft, "%s.draft", kept);
  int again = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR *folder = again < 0 ? NULL : fdopendir(again);
  FILE *list = fopen(draft, "we");
  if (folder == NULL || list == NULL) fail(kept);
  for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
    if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) continue;
    if (keyOf(fd, entry->d_name, entryKey, sizeof entryKey, &type) != 0) continue;
    fprintf(list, "%c %s %s\n", type, entryKey, entry->d_name);
  }
  if (fclose(list) != 0 || rename(draft, kept) != 0) fail(kept);
  closedir(folder);
}

static int synced(int fd, int (*sync)(int)) {
  int result = sync(fd);
  char key[64], type;
  if (result != 0 || !isTracked(fd) || keyOf(fd, "", key, sizeof key, &type) != 0) return result;
  if (type == 'f') keepFile(fd, key);
  if (type == 'd') keepNames(fd, key);
  return 0;
}

int fsync(int fd) {
  static int (*next)(int);
  if (next == NULL) next = dlsym(RTLD_NEXT, "fsync");
  return synced(fd, next);
}

int fdatasync(int fd) {
  static int (*next)(int);
  if (next == NULL) next = dlsym(RTLD_NEXT, "fdatasync");
  return synced(fd, next);
}
