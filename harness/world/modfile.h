/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Module files: what a .ko says of itself, checked before the kernel's loader sees it, and the
 * order in which modules have to be loaded.
 */
#ifndef KFAIL_WORLD_MODFILE_H
#define KFAIL_WORLD_MODFILE_H

#include "kernel.h"

struct modfile {
	char *path; /* absolute */
	char *name; /* as the kernel will call it: from modinfo name=, '-' becomes '_' */
	uint8_t *bytes;
	size_t size;
	char *vermagic;	      /* whole */
	char *kernel_version; /* first word of vermagic */
	char **depends;	      /* names */
	unsigned depend_count;
	char **params; /* names of parameters (parm=) */
	unsigned param_count;
	char **undefined; /* imported symbols (not the weak ones, which may stay unresolved) */
	unsigned undefined_count;
	char **exports; /* symbols it exports (__ksymtab_*, or __kstrtab_*) */
	unsigned export_count;
	bool has_debug; /* .debug_line present */
};

/* Read and check a .ko (plain, .xz or .zst). 0 or -1 (err): cannot read, not an ELF file, not for
 * x86-64, truncated (any section outside the file), not a relocatable module, no .modinfo/vermagic,
 * no .gnu.linkonce.this_module. */
int modfile_open(const char *path, struct modfile *out, char *err);
/* The same for bytes at hand, which are taken over (malloc()ed; freed on failure too). `path` names
 * them. */
int modfile_from_bytes(const char *path, uint8_t *bytes, size_t size, struct modfile *out,
		       char *err);
void modfile_close(struct modfile *mod);
/* The file's name without directories, as sentences use it. */
const char *modfile_base(const struct modfile *mod);

/* The kernel that a module was built for. 0 or -1 (err: "foo.ko: built for kernel V, and no image
 * of that version is at hand ...; `kfail kernel fetch V` gets it"). */
int modfile_find_kernel(const struct modfile *mod, struct kernel_paths *out, char *err);

/*
 * Put `count` modules given by the user, and everything they need, into load order (dependencies
 * first, the last one given comes last). A dependency is looked for among the given ones, in the
 * directory of the module that needs it and in the directories beside it, then in paths->modules
 * (modules.dep, or a search when there is none). Returns the number in *out (malloc()ed array), or
 * -1 (err names the missing symbol and the module that exports it, if Module.symvers or a .ko
 * nearby tells).
 */
int modfile_order(const struct kernel_paths *paths, char *const *files, unsigned count,
		  struct modfile **out, char *err);

/* Check "name=value" parameters against the module's own. 0 or -1 (err lists the known names). */
int modfile_check_params(const struct modfile *mod, char *const *params, unsigned count, char *err);

/* What request_module("...") would load: paths in load order, by modules.alias and modules.dep
 * (through libkmod). Returns the number, 0 when nothing matches. Strings malloc()ed. */
unsigned modfile_lookup_alias(const struct kernel_paths *paths, const char *alias, char **files,
			      unsigned max);

#endif
