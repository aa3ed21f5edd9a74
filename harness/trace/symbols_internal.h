/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Between symbols.c, which decides who is asked, and those who answer. An answer is a number of
 * frames, 0 for "not mine". `pc` is the address to show (offsets count from it), `at` the one to
 * look up: the same for a faulting address, one less for a return address.
 */
#ifndef KFAIL_TRACE_SYMBOLS_INTERNAL_H
#define KFAIL_TRACE_SYMBOLS_INTERNAL_H

#include <elfutils/libdwfl.h>
#include "symbols.h"

/* symbols.c: one copy of every string, kept for good. */
const char *symbols_intern(const char *text);

/* symbols_kernel.c. Index of the symbol that names `at`, or -1. */
int64_t ksym_find(const struct ksym_table *table, uint64_t at);
/* A name that marks something about a function (__pfx_) or stands for whatever function is meant
 * (init_module): any other name is better. */
bool ksym_tells_nothing(const char *name);
unsigned table_resolve(const struct ksym_table *table, const char *module, uint64_t pc, uint64_t at,
		       struct frame *frame);
unsigned kernel_resolve(uint64_t pc, uint64_t at, struct frame *frame);

/* Ranges of the symbol's code, each address once (symbols_find.c). */
unsigned symbols_in_table(const struct ksym_table *table, const char *name,
			  void (*fn)(uint64_t start, uint64_t end, void *arg), void *arg);
unsigned symbols_in_kernel(const char *name, void (*fn)(uint64_t start, uint64_t end, void *arg),
			   void *arg);
/* symbols.c: the same in the tables that were added. */
unsigned symbols_in_tables(const char *name, void (*fn)(uint64_t start, uint64_t end, void *arg),
			   void *arg);

/* Code of a module or of the process, for those who look for names in it. */
struct code_view {
	const char *module;		  /* NULL: the host program */
	Dwfl_Module *mod;		  /* NULL: its file cannot be read */
	const struct ksym_table *symbols; /* of a module: its functions, and their sizes */
	const uint64_t *sizes;
	void (*extent)(const struct code_view *view,
		       void (*fn)(uint64_t start, uint64_t end, void *arg), void *arg);
	const void *code;
};
void symbols_each_module(void (*fn)(const struct code_view *view, void *arg), void *arg);
void symbols_each_object(void (*fn)(const struct code_view *view, void *arg), void *arg);

/* symbols_module.c */
unsigned module_resolve(uint64_t pc, uint64_t at, struct frame *frames, unsigned max);

/* symbols_native.c */
unsigned native_resolve(uint64_t pc, uint64_t at, struct frame *frames, unsigned max);

/*
 * symbols_dwarf.c. Inlined functions, innermost first, then the function itself, with files
 * relative to `dir` (NULL: as recorded). frame.offset and .size are set for the last only. 0 when
 * there is no debug information for `at`.
 */
unsigned dwarf_frames(Dwfl_Module *mod, uint64_t pc, uint64_t at, const char *dir,
		      struct frame *frames, unsigned max);
/* Separate debug files of the distribution, by build id; never the network. For Dwfl_Callbacks. */
int dwarf_find_debuginfo(Dwfl_Module *mod, void **userdata, const char *modname, Dwarf_Addr base,
			 const char *file_name, const char *debuglink_file, GElf_Word debuglink_crc,
			 char **debuginfo_file_name);

#endif
