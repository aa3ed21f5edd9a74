/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A small world for kmemleak: the allocators in native mode's layout, one array of words as all variables of a module, and a
 * clock that stands still. Every test begins with an empty world; nothing is on a stack.
 */
#ifndef KFAIL_TESTS_LEAK_TEST_H
#define KFAIL_TESTS_LEAK_TEST_H

#include <CUnit/Basic.h>
#include "../../allocator/core/hooks.h"
#include "../../harness/kmemleak/kmemleak.h"

#define VARIABLES 16
extern void *variables[VARIABLES]; /* the only root */
extern u64 clock_jiffies;
extern char last_log[512]; /* all lines of the log since the test began, as far as they fit */

/* Who allocates: the stack that the allocators are told. */
void as_module(void);
void as_kernel(void);

void *get(size_t size); /* kmalloc(), zeroed */
void put(void *object);

/* New leaks of a scan; the test fails when it cannot be judged. */
unsigned scan(void);
struct kml_scan scan_all(void);
/* Is this object in the list that a read of the file shows? */
bool is_listed(const void *object);
bool log_says(const char *text);

int begin_test(void);
int end_test(void);

extern CU_TestInfo scan_tests[], api_tests[], command_tests[], text_tests[], reach_tests[],
	word_tests[];

#endif
