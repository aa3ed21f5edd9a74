/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Files as campaigns and triage need them: read whole, written whole or not at all. Functions with
 * `err` put a sentence there (FUZZ_ERR bytes) and return -1; the others leave errno.
 */
#ifndef KFAIL_FUZZ_FILES_H
#define KFAIL_FUZZ_FILES_H

#include <stddef.h>

/* At most `max` bytes, malloc()ed, with a NUL behind them. NULL: errno. */
char *file_read(const char *path, size_t max, size_t *size);
/* Written beside its name and renamed, so that a reader never sees half of it, and a full disk
 * leaves what was there. */
int file_write(const char *path, const void *bytes, size_t size, char *err);
/* A regular file. */
int file_copy(const char *from, const char *to, char *err);
/* The regular files of a folder into one that is there; folders in it are left out. */
int file_copy_tree(const char *from, const char *to, char *err);
/* All directories of a path that are missing. 0, or -1: errno. */
int file_make_directories(const char *path);
/* A folder and all that is in it; nothing when it is not there. */
void file_remove_tree(const char *path);

#endif
