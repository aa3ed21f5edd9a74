/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tests of harness/world's files: images, symbol tables, modules, their order, finding and
 * fetching. What is said here about kernels is tried on small made-up ones first (fake.h), which
 * need nothing, then on the real one if it is at hand. Tests that lack something say "skipped: ..."
 * and pass.
 */
#ifndef TESTS_WORLD_SUITES_H
#define TESTS_WORLD_SUITES_H

#include <CUnit/CUnit.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../../harness/world/file.h"
#include "../../harness/world/kernel.h"
#include "../../harness/world/modfile.h"

extern CU_TestInfo file_tests[], image_tests[], kallsyms_tests[], real_image_tests[],
	modfile_tests[], malformed_tests[], depends_tests[], kernels_tests[], fetch_tests[];

/* Say why a test cannot be done here; use as `return skip(...)`. */
void skip(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* A directory of this run, removed at its end; `name` in it, with the directories above it made.
 * The string is kept until the end. */
const char *scratch(const char *name);
void scratch_write(const char *name, const void *data, size_t size);
void scratch_text(const char *name, const char *text);
/* Compile C text with cc -c; false: there is no compiler that can. */
bool scratch_compile(const char *name, const char *source, const char *options);

/* The tests' own cache and system root: empty directories in the scratch directory; and back. */
void use_empty_places(const char *name);
void use_real_places(void);

/* The kernel that the tests are run with ($KERNEL), found once; NULL: not at hand. */
const struct kernel_paths *real_kernel(void);
/* Its image, opened once; NULL: not at hand. */
const struct kernel_image *real_image(void);

/* err is one sentence that contains this. */
bool says(const char *err, const char *text);
#define ASSERT_SAYS(err, text) CU_ASSERT(says(err, text))

#endif
