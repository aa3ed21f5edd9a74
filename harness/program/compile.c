// SPDX-License-Identifier: GPL-2.0-only
/*
 * From a scenario's source to a shared object, for user space: the host's headers, and kfail/scenario.h.
 * $KFAIL_SCENARIO_CFLAGS comes last, for further directories of headers (a driver's own ioctls). The compiler's
 * messages go to standard error as they are.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "../native/compiler.h"
#include "internal.h"

#ifndef KFAIL_SCENARIO_INCLUDE
#define KFAIL_SCENARIO_INCLUDE "harness/program/include"
#endif

static struct compiled compiled;

#define HEADER "kfail/scenario.h"

static const char *const options[] = {
	"-std=gnu11",
	"-D_GNU_SOURCE",
	"-g",
	"-O1",
	"-shared",
	"-fPIC",
	"-fvisibility=hidden",
	"-fno-omit-frame-pointer",
	"-fno-stack-protector",
	"-U_FORTIFY_SOURCE",
	"-Wall",
	"-Werror=implicit-function-declaration",
	"-Werror=return-type",
};

/* $KFAIL_DATADIR/scenario; share/kfail/scenario beside the installed command; the source tree. */
static bool find_header(char *dir, size_t size, char *err)
{
	const char *data = getenv("KFAIL_DATADIR");

	if (data && *data) {
		snprintf(dir, size, "%s/scenario", data);
		if (compiler_has_header(dir, HEADER))
			return true;
	}
	if (compiler_find_include("scenario", HEADER, KFAIL_SCENARIO_INCLUDE, dir, size))
		return true;
	snprintf(err, PROGRAM_ERR,
		 "kfail/scenario.h is missing: it is not in %.150s (see KFAIL_DATADIR)", dir);
	return false;
}

int program_compile(const char *source, char *object, size_t size, char *err)
{
	const char *cc = getenv("CC"), *more = getenv("KFAIL_SCENARIO_CFLAGS");
	char include[PATH_MAX], option[PATH_MAX + 8];
	struct compiler c = {.count = 0};
	int status;

	if (!find_header(include, sizeof(include), err) ||
	    compiled_open(&compiled, "scenario", err))
		return -1;
	compiler_add_words(&c, cc && *cc ? cc : "cc");
	for (unsigned i = 0; i < sizeof(options) / sizeof(options[0]); i++)
		compiler_add(&c, options[i]);
	snprintf(option, sizeof(option), "-I%s", include);
	compiler_add(&c, option);
	compiler_add_words(&c, more ? more : "");
	compiler_add(&c, "-o");
	compiler_add(&c, compiled.object);
	compiler_add(&c, source);
	status = compiler_run(&c, err);
	if (status > 0)
		snprintf(err, PROGRAM_ERR,
			 "the scenario %.150s does not compile (see the compiler's messages above)",
			 source);
	snprintf(object, size, "%s", compiled.object);
	if (status)
		compiled_remove(&compiled);
	return status ? -1 : 0;
}
