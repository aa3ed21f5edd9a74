// SPDX-License-Identifier: GPL-2.0-only
/*
 * kfail as a library: a C program with a main() of its own calls kmalloc() and its kin. The world begins before the
 * program's constructors, and ends after its exit handlers.
 *
 *	KFAIL_SET="slub_debug=FZ,kmalloc-64 init_on_alloc=1"	settings, with blanks between, as a kernel's command line
 *	KFAIL_LEAKS=1	at exit, print what is not freed; exit status 1 when anything is
 *	KFAIL_BUGS=print	go on after a bug (default: abort)
 *
 * The allocators are for any number of threads. Locks, works, timers and contexts of the kernel's interface are those of native
 * mode, with one CPU: for one thread.
 */
#include "library.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "../../allocator/core/memory.h"
#include "../../allocator/core/objects.h"
#include "../../allocator/core/settings.h"
#include "../../allocator/page/memblock.h"
#include "../../allocator/slab/slab.h"
#include "../native/runtime.h"

#define STATUS_FINDINGS 1
#define STATUS_FAILED	4

static uint64_t first_seq;
static pid_t owner;

static _Noreturn void fail(const char *what, const char *why)
{
	fprintf(stderr, "kfail: %s: %s\n", what, why);
	_exit(STATUS_FAILED);
}

static void read_settings(struct kf_settings *settings)
{
	const char *text = getenv("KFAIL_SET");
	char err[KF_SETTINGS_ERR], *words, *word, *rest;

	kf_settings_default(settings);
	words = rest = strdup(text ? text : "");
	if (!words)
		fail("KFAIL_SET", "out of memory");
	while ((word = strsep(&rest, " \t\n")))
		if (*word &&
		    (kf_settings_parse(settings, word, err) || kf_settings_strict(settings, err)))
			fail("KFAIL_SET", err);
	free(words);
}

static bool wants(const char *variable, const char *value)
{
	const char *text = getenv(variable);

	return text && !strcmp(text, value);
}

/* After the program's own handlers, in the process that began. */
static void at_exit(void)
{
	uint64_t left = 0;

	if (getpid() != owner)
		return;
	native_settle();
	native_flush_log();
	report_at_exit();
	kf_check_all();
	if (wants("KFAIL_LEAKS", "1"))
		left = leaks_report(first_seq);
	if (!left)
		return;
	fflush(NULL);
	_exit(STATUS_FINDINGS);
}

__attribute__((constructor(101))) static void start(void)
{
	struct kf_layout layout = kf_layout_native;
	struct kf_settings settings;
	int error;

	read_settings(&settings);
	kf_settings_next(&settings);
	layout.unsaved = true;
	error = kf_memory_init(&layout);
	if (error)
		fail("the simulated memory cannot be mapped at its addresses", strerror(-error));
	kf_memblock_free_all();
	error = kf_slab_init();
	if (error)
		fail("the slab caches cannot be made", strerror(-error));
	sanitizer_start();
	first_seq = kf_sequence();
	report_start(wants("KFAIL_BUGS", "print"));
	owner = getpid();
	if (atexit(at_exit))
		fail("the end of the program cannot be watched", "out of memory");
}
