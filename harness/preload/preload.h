/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Inside libkfail-malloc.so: who has which memory.
 *
 *	1 .. 8 KiB	kmalloc: objects of the size classes
 *	.. 4 MiB	run.c: just as many whole pages as it takes
 *	above		map.c: a mapping of the host, as vmalloc would have been
 */
#ifndef KFAIL_PRELOAD_H
#define KFAIL_PRELOAD_H

#include "../../allocator/core/state.h"

#define MAX_OBJECT KF_KMALLOC_MAX_CACHE_SIZE
#define MAX_RUN	   KF_KMALLOC_MAX_SIZE

/* start.c: around everything that takes a lock of the allocators, so that fork() finds none taken. The first
 * enter() starts the world; what cannot be started ends the process with a sentence. */
void enter(void);
void leave(void);
_Noreturn void die(const char *sentence);

/* run.c: pages that follow each other, aligned to `align` (a power of two, at most MAX_RUN), or NULL. */
void *run_alloc(size_t size, size_t align);
/* Bytes of the run that starts here; 0: none does. */
size_t run_size(const void *p);
void run_free(void *p);

/* map.c: zeroed, or NULL. */
void *map_alloc(size_t size, size_t align);
/* Bytes that the caller may use; ends the process when p was never given out. */
size_t map_size(const void *p);
void map_free(void *p);
void *map_resize(void *p, size_t size);

#endif
