/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Under valgrind: memcheck is told what the allocators know of every byte, and its books are restored with the world.
 *
 *	memcheck_open()		the hook `bytes` is ours; at once all slabs are told
 *	memcheck_mark()		a snapshot is taken
 *	memcheck_return()	before the snapshot's bytes are put back: who may touch what is as it was at the mark
 *
 * Everything here does nothing where memcheck_on is false: not under valgrind, or not by --valgrind (who puts kfail itself under
 * memcheck sees kfail's own errors only). One thread runs the world.
 */
#ifndef KFAIL_MEMCHECK_MEMCHECK_H
#define KFAIL_MEMCHECK_MEMCHECK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The environment variable by which --valgrind tells its process where the files of errors are: DIRECTORY/PID.log. */
#define MEMCHECK_DIRECTORY "KFAIL_VALGRIND"

extern bool memcheck_on;

/* That directory; NULL: this process is not one that --valgrind has started. */
const char *memcheck_directory(void);

/* After a world has started, before its module is loaded. Can be called again. */
void memcheck_open(void);

void memcheck_mark(void);
void memcheck_return(void);

/* Are errors reported? Only while code of the world runs, in native mode what it calls of kfail's included: the allocators
 * look at guards and poison, and a restore at everything. Off from memcheck_open() on. Returns what was. */
bool memcheck_report(bool on);

/* Is every byte initialised and somebody's? The first that is not in *bad. Reports nothing. */
bool memcheck_is_known(const void *addr, size_t size, const void **bad);

#endif
