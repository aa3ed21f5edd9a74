// SPDX-License-Identifier: GPL-2.0-only
/*
 * From a driver's source to a shared object (compiler.c: with which compiler). $KFAIL_CFLAGS comes last, so it can override. The driver sees the headers in the include
 * directory and nothing else of the host (-nostdinc), so a header that native mode does not have is
 * an error that names it. The compiler's messages go to standard error as they are.
 *
 * -Bsymbolic keeps the driver's functions the driver's, whatever kfail's own are called.
 */
#include "compiler.h"
#include "host.h"
#include "instrument.h"
#include "native.h"
#include "../trace/graph.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifndef KFAIL_NATIVE_INCLUDE
#define KFAIL_NATIVE_INCLUDE "harness/native/include"
#endif

#define HEADER "linux/kconfig.h"

/* ---- the include directory ---- */

/* $KFAIL_DATADIR/native; share/kfail/native beside the installed command; the source tree. */
static bool find_headers(char *dir, size_t size, char *err)
{
	const char *data = getenv("KFAIL_DATADIR");

	if (data && *data) {
		snprintf(dir, size, "%s/native", data);
		if (compiler_has_header(dir, HEADER))
			return true;
		snprintf(err, ERR_MAX,
			 "KFAIL_DATADIR has no headers for native mode: there is no %.150s/linux",
			 dir);
		return false;
	}
	if (compiler_find_include("native", HEADER, KFAIL_NATIVE_INCLUDE, dir, size))
		return true;
	snprintf(err, ERR_MAX,
		 "the headers for native mode are missing: there is no %.150s/linux (see "
		 "KFAIL_DATADIR)",
		 dir);
	return false;
}

static struct compiled compiled;

void native_cleanup(void)
{
	compiled_remove(&compiled);
}

static const char *const options[] = {
	"-std=gnu11",
	"-g",
	"-O1",
	"-shared",
	"-fPIC",
	"-fno-omit-frame-pointer",
	"-fno-optimize-sibling-calls",
	"-fno-strict-aliasing",
	"-fno-strict-overflow",
	"-fno-common",
	"-fno-delete-null-pointer-checks",
	"-fno-stack-protector",
	"-fcf-protection=none",
	"-Wall",
	"-Wno-pointer-sign",
	"-Wno-format-zero-length",
	"-Werror=implicit-function-declaration",
	"-Werror=implicit-int",
	"-Werror=incompatible-pointer-types",
	"-Werror=return-type",
	"-nostdinc",
	"-D__KERNEL__",
	"-DMODULE",
	"-Wl,-Bsymbolic",
	"-Wl,-z,now",
};

static int compile_into(const char *source, const char *module, const char *include, char *err)
{
	const char *cc = getenv("CC"), *more = getenv("KFAIL_CFLAGS");
	char inc[PATH_MAX + 8], kconfig[PATH_MAX + 32], name[128];
	struct compiler c = {.count = 0};
	int status;

	compiler_add_words(&c, cc && *cc ? cc : "cc");
	for (unsigned i = 0; i < sizeof(options) / sizeof(options[0]); i++)
		compiler_add(&c, options[i]);
	snprintf(inc, sizeof(inc), "-I%s", include);
	compiler_add(&c, inc);
	snprintf(kconfig, sizeof(kconfig), "%s/linux/kconfig.h", include);
	compiler_add(&c, "-include");
	compiler_add(&c, kconfig);
	snprintf(name, sizeof(name), "-DKBUILD_MODNAME=\"%s\"", module);
	compiler_add(&c, name);
	if (graph_wanted())
		compiler_add(&c, "-finstrument-functions");
	if (native_instrument_flags(&c, err))
		return -1;
	compiler_add_words(&c, more ? more : "");
	compiler_add(&c, "-o");
	compiler_add(&c, compiled.object);
	compiler_add(&c, source);
	status = compiler_run(&c, err);
	if (status > 0)
		snprintf(err, ERR_MAX,
			 "%.180s does not compile for native mode (see the compiler's messages "
			 "above)",
			 source);
	return status ? -1 : 0;
}

int native_compile(const char *source, const char *module, char *object, size_t size, char *err)
{
	char include[PATH_MAX];

	if (!find_headers(include, sizeof(include), err) || compiled_open(&compiled, module, err))
		return -1;
	if (compile_into(source, module, include, err)) {
		native_cleanup();
		return -1;
	}
	snprintf(object, size, "%s", compiled.object);
	return 0;
}
