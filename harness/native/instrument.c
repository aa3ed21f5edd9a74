// SPDX-License-Identifier: GPL-2.0-only
/*
 * Instrumented drivers in native mode: what the compiler makes them call (asan_entry.h, as in kernel mode), and the
 * options that make it do so.
 *
 * The driver's globals are registered while it is loaded, before anybody knows where: they get their redzones when the
 * shadow is there. Its stack is the one that operations run on.
 *
 * When kfail is built with AddressSanitizer, functions of these names are that one's.
 */
#include "host.h"

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include "../instrument/access.h"
#include "../trace/coverage.h"
#include "compiler.h"
#include "instrument.h"
#include "native.h"
#include "../trace/sanitized.h"

#ifndef KFAIL_INSTRUMENT_INCLUDE
#define KFAIL_INSTRUMENT_INCLUDE "harness/instrument/include"
#endif

#define OBJECTS_MAX 64 /* a driver here is one source */

static struct native_instrumentation asked;

void native_instrument(const struct native_instrumentation *wanted)
{
	asked = *wanted;
}

#ifndef __SANITIZE_ADDRESS__

static struct kf_shadow_windows windows;
static struct kf_globals globals[OBJECTS_MAX];
static unsigned globals_count;

static void globals_add(const struct kf_global *first, unsigned long count)
{
	if (globals_count < OBJECTS_MAX)
		globals[globals_count++] = (struct kf_globals){first, count};
}

static void globals_remove(const struct kf_global *first)
{
	for (unsigned i = 0; i < globals_count; i++)
		if (globals[i].first == first)
			globals[i--] = globals[--globals_count];
}

#pragma GCC diagnostic ignored "-Wmissing-prototypes"
#define ASAN_API     NATIVE_API
#define asan_windows windows
#include "../world/override/asan_entry.h"

/* What lies above on this stack is left and never returned to. */
NATIVE_API void __asan_handle_no_return(void)
{
	uint64_t sp = (uint64_t)__builtin_frame_address(0) & ~7ul;
	uint64_t top = native_stack_bounds.low + native_stack_bounds.size;

	if (sp - windows.start[1] < windows.size[1])
		kf_shadow_fill(sp, top - sp, 0);
}

/* libFuzzer has one of its own. */
NATIVE_API __attribute__((weak)) void __sanitizer_cov_trace_pc(void)
{
	kf_coverage_note(coverage_map(), ASAN_CALLER);
}

uint64_t native_collector(void)
{
	return (uint64_t)__sanitizer_cov_trace_pc;
}

static int open_shadow(void)
{
	const struct native_driver *d = &native_driver;
	const struct instrumented code = {
		.windows = &windows,
		.globals = globals,
		.globals_count = &globals_count,
		.is_user = native_is_user,
	};
	int error;

	windows = (struct kf_shadow_windows){
		.start = {d->start, native_stack_bounds.low},
		.size = {d->end - d->start, native_stack_bounds.size},
	};
	error = shadow_open(&code);
	for (unsigned i = 0; i < globals_count && !error; i++)
		asan_poison_globals(globals[i].first, globals[i].count);
	return error;
}

static bool possible(char *err)
{
	return true;
}

#else

uint64_t native_collector(void)
{
	return 0;
}

static int open_shadow(void)
{
	return 0;
}

static bool possible(char *err)
{
	snprintf(err, ERR_MAX,
		 "this kfail is built with AddressSanitizer, and checks no instrumented drivers");
	return false;
}

#endif

int native_instrument_flags(struct compiler *c, char *err)
{
	static char shadow[64], dir[PATH_MAX], header[PATH_MAX + 16];

	if ((asked.kasan || asked.coverage) && !possible(err))
		return -1;
	if (asked.coverage) {
		compiler_add(c, "-fsanitize-coverage=trace-pc");
		compiler_add(c, "-fno-plt");
	}
	if (!asked.kasan)
		return 0;
	if (!compiler_find_include("instrument", "kasan.h", KFAIL_INSTRUMENT_INCLUDE, dir,
				   sizeof(dir))) {
		snprintf(err, ERR_MAX,
			 "kfail's header for instrumented code is missing: %.150s/kasan.h", dir);
		return -1;
	}
	snprintf(shadow, sizeof(shadow), "-fasan-shadow-offset=%#lx", KF_SHADOW_OFFSET);
	snprintf(header, sizeof(header), "%s/kasan.h", dir);
	compiler_add_words(c,
			   "-fsanitize=kernel-address --param asan-globals=1 --param asan-stack=1 "
			   "--param asan-instrument-allocas=1 "
			   "--param asan-instrumentation-with-call-threshold=0");
	compiler_add(c, shadow);
	compiler_add(c, "-include");
	compiler_add(c, header);
	return 0;
}

int native_instrument_open(char *err)
{
	const struct native_driver *d = &native_driver;
	int error = asked.kasan ? open_shadow() : 0;

	if (!error && asked.coverage)
		error = coverage_open(d->start, d->end - d->start);
	if (error)
		snprintf(err, ERR_MAX, "no memory for the shadow or the coverage: %s",
			 strerror(-error));
	return error ? -1 : 0;
}
