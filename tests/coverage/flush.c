// SPDX-License-Identifier: GPL-2.0-only
/*
 * Counters of a coverage build (make COVERAGE=1) are written when a process ends by exit(); kfail's workers end by _exit(),
 * so that buffers of their parent are not written twice. The linker gives their calls to this (--wrap=_exit).
 */
#include <unistd.h>

void __gcov_dump(void);
__attribute__((noreturn)) void __real__exit(int status);
__attribute__((noreturn)) void __wrap__exit(int status);

void __wrap__exit(int status)
{
	__gcov_dump();
	__real__exit(status);
}
