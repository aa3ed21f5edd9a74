/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Building a module from source with the headers of a kernel, instrumented or not (module_build.c).
 */
#ifndef KFAIL_WORLD_MODULE_BUILD_H
#define KFAIL_WORLD_MODULE_BUILD_H

#include "kernel.h"

struct module_build {
	char *const *sources; /* one directory, or files of C, each a module */
	unsigned source_count;
	const char *output; /* a directory of its own; NULL: in the cache */
	const char
		*subdir;   /* of the directory: where its Makefile is; NULL: the directory itself */
	char *const *args; /* for make */
	unsigned arg_count;
	bool kasan, coverage, verbose;
};

/* Build; calls `built` with the path of each .ko. 0, or -1 (err, KF_ERR bytes). What the compiler says when it fails goes to
 * standard error. */
int module_build(const struct kernel_paths *paths, const struct module_build *build,
		 void (*built)(const char *path), char *err);

#endif
