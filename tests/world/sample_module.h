/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Modules for tests, compiled on the spot: an object file with the sections that make it a module.
 */
#ifndef TESTS_WORLD_SAMPLE_MODULE_H
#define TESTS_WORLD_SAMPLE_MODULE_H

#include "suites.h"

#define SAMPLE_VERSION "9.9.9-test"

struct sample {
	const char *name;
	const char *version; /* NULL: SAMPLE_VERSION */
	const char *depends; /* "a,b", or NULL */
	const char *exports; /* one symbol, or NULL */
	const char *imports; /* one symbol, or NULL */
	const char *info;    /* more of .modinfo, as C text: "parm=x:y\\0", or NULL */
	const char *code;    /* more C text, or NULL */
};

/* Compile into the scratch directory; false: cannot here (skipped). */
bool sample_module(const char *file, const struct sample *sample);

#endif
