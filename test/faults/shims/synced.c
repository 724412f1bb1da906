/*
 * Remembers how much of an append-only file is on the disk. Loaded with LD_PRELOAD; after each fsync or fdatasync of
 * NAME.incr.aof the file NAME.incr.aof.synced holds, as text, how long the file was when the call began. A test that
 * kills the process and cuts the file to that length has taken from it what a power cut takes.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char ENDING[] = ".incr.aof";

/* The name of an open file, if it is an append-only file. */
static int is_append_only(int file, char *name, size_t size) {
  char link[64];
  snprintf(link, sizeof link, "/proc/self/fd/%d", file);
  ssize_t length = readlink(link, name, size - 1);
  if (length < (ssize_t)sizeof ENDING) return 0;
  name[length] = 0;
  return strcmp(name + length - (sizeof ENDING - 1), ENDING) == 0;
}

static int sync_and_tell(const char *call, int file) {
  int (*really)(int) = (int (*)(int))dlsym(RTLD_NEXT, call);
  char name[4096], record[4160], text[32];
  struct stat before;
  int is_told = is_append_only(file, name, sizeof name) && fstat(file, &before) == 0;
  int result = really(file);
  if (!is_told || result != 0) return result;
  snprintf(record, sizeof record, "%s.synced", name);
  int length = snprintf(text, sizeof text, "%019lld\n", (long long)before.st_size);
  int to = open(record, O_WRONLY | O_CREAT, 0600);
  if (to < 0) return result;
  if (pwrite(to, text, length, 0) != length) unlink(record);
  close(to);
  return result;
}

int fsync(int file) { return sync_and_tell("fsync", file); }
int fdatasync(int file) { return sync_and_tell("fdatasync", file); }
