/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What depends.c and alias.c are made of: who exports a symbol (symvers.c), and where the file of a
 * module is (modfind.c).
 */
#ifndef KFAIL_WORLD_MODULES_H
#define KFAIL_WORLD_MODULES_H

#include "file.h"
#include "kernel.h"
#include "modfile.h"

/*
 * A hash table of strings: symbol or module name -> text. The strings are not copied.
 */
struct names {
	struct names_entry {
		const char *key, *value;
	} * slots;
	size_t count, room; /* room: a power of two, or 0 */
};

/* The first value given to a key stays; true: it was new. */
bool names_add(struct names *t, const char *key, const char *value);
const char *names_get(const struct names *t, const char *key);
void names_clear(struct names *t);

/* Who exports what: symbol -> "vmlinux" or the module's path as kbuild writes it, without ".ko". */
struct symvers {
	struct names exporters;
	char **texts; /* the files read, which the names point into */
	unsigned text_count;
};

/* Add a Module.symvers file; false: there is none, or it cannot be read. */
bool symvers_add_file(struct symvers *sv, const char *path);
/* Add what a kernel image exports, by its __ksymtab_ symbols. */
bool symvers_add_image(struct symvers *sv, const char *path);
const char *symvers_exporter(const struct symvers *sv, const char *symbol);
void symvers_clear(struct symvers *sv);

/* A module's name as the kernel spells it, '_' for '-' (malloc()ed). */
char *module_key(const char *name);
/* Is it a module's file name (.ko, .ko.xz, .ko.zst, .ko.gz)? Its name, with '_' for '-'
 * (malloc()ed); NULL: no. */
char *module_name_of(const char *path);

/* All modules below a kernel's module directory, by name: from modules.dep, or by walking when
 * there is none. */
struct module_index {
	struct names by_name; /* name -> absolute path */
	char **texts;	      /* every key and value */
	unsigned text_count;
};

void module_index_open(struct module_index *index, const char *directory);
const char *module_index_find(const struct module_index *index, const char *name);
void module_index_close(struct module_index *index);

/*
 * Call fn for every module file in the directory of `path`, the directory above, and those beside
 * and below it; until it returns true. At most a few hundred directories are read.
 */
bool modules_nearby(const char *path, bool (*fn)(const char *file, void *arg), void *arg);
/* The same for every file of this name ("Module.symvers"). */
bool files_nearby(const char *path, const char *name, bool (*fn)(const char *file, void *arg),
		  void *arg);

#endif
