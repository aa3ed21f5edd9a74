/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Files of findings that do not count (accepted.h, suppressions.h): text, an entry a line; empty lines and those that begin
 * with '#' say nothing. They decide what a gate lets through, so a line that is not understood refuses the whole file.
 */
#ifndef KFAIL_JUDGE_ENTRIES_H
#define KFAIL_JUDGE_ENTRIES_H

#include <stddef.h>

#define ENTRIES_ERR 512

/* Without the blanks, and the end of line, around it. */
char *entries_trimmed(char *text);

/* Call read_entry for each line that holds an entry, trimmed; it returns 0, or another number with the reason in `why`
 * (`size` bytes). `form` completes "an entry is ...". 0; or -1: err (ENTRIES_ERR bytes) is a sentence that names the file, and
 * the line if one is to blame. */
int entries_read(const char *path, const char *form,
		 int (*read_entry)(void *arg, char *text, unsigned line, char *why, size_t size),
		 void *arg, char *err);

#endif
