/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a program gets for the C library's functions of these names: memory, and random numbers, that are restored with
 * the snapshot. Called on the program's stack only.
 */
#ifndef KFAIL_PROGRAM_MEMORY_H
#define KFAIL_PROGRAM_MEMORY_H

#include <stddef.h>

/* Where the heap ends: right behind it nothing is mapped. */
void *user_memory_end(void);
void *user_malloc(size_t size);
void user_free(void *p);
void *user_calloc(size_t count, size_t size);
void *user_realloc(void *old, size_t size);
void *user_aligned_alloc(size_t align, size_t size);
int user_posix_memalign(void **out, size_t align, size_t size);
char *user_strdup(const char *text);
char *user_strndup(const char *text, size_t max);
int user_rand(void);
void user_srand(unsigned seed);

#endif
