/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Names for program counters, asked only when a report is written. Three sources:
 *   - kernel image: the symbol table taken from kallsyms (function+offset, no lines);
 *   - modules: their ELF symbol table and debug information (.debug_line, inlined functions), relocated to
 *     where the kernel's loader put each section; read once per module with libdwfl;
 *   - native code: the executable's and the driver's shared object, by libdwfl from /proc/self/maps.
 */
#ifndef KFAIL_TRACE_SYMBOLS_H
#define KFAIL_TRACE_SYMBOLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A symbol of the kernel image; tables are sorted by address. */
struct ksym {
	uint64_t addr;
	uint32_t name; /* offset into the string table */
	char type;     /* kallsyms letter */
};

struct ksym_table {
	const struct ksym *syms;
	uint32_t count;
	const char *strings;
	uint64_t start, end; /* the addresses that belong to the image */
};

/* One line of a stack in a report. Strings live as long as the process. */
struct frame {
	uint64_t pc;
	const char *function; /* "" when unknown */
	uint64_t offset, size;
	const char *module; /* NULL: the kernel itself (or the host program in native mode) */
	const char *
		file; /* NULL: unknown; as the compiler recorded it, made relative to the module's directory if below it */
	int line;
	bool inlined; /* this function was inlined into the next frame */
};

/* Where the loader put one section of a module. Size 0: not known, taken from the file. */
struct module_section {
	const char *name;
	uint64_t addr, size;
};

/* The image's symbols. The arrays are not copied: they stay where they are as long as names are
 * asked for. */
void symbols_set_kernel(const struct ksym_table *table);

/* Name a module's code: `path` of the .ko file, its `name`, and its sections in memory. Copies what
 * it needs. 0, or -1 when the file cannot be read again (frames then have no names). */
int symbols_add_module(const char *name, const char *path, const struct module_section *sections,
		       unsigned count);

/* Names for functions of the override layer and other memory without an ELF file at hand; asked
 * before the image's own table. `module` (or NULL) is shown with them. Arrays are not copied. */
void symbols_add_table(const char *module, const struct ksym_table *table);

/* Names for the process's own code (executable and shared objects); native mode. */
void symbols_add_self(void);
/* The native driver's shared object: frames in it carry this module name. */
void symbols_set_native_module(const char *name, const char *path);

/* Resolve a return address (`exact` false: the call is the instruction before) or a faulting
 * address (`exact` true) into 1..max frames, innermost inlined function first. Always at least one
 * frame; the last is always the function that has a symbol, so max 1 asks for just that, and
 * inlined ones that do not fit are left out. */
unsigned symbols_resolve(uint64_t pc, bool exact, struct frame *frames, unsigned max);

/* The variable that contains addr: its name in frame->function, offset and size, and its module. False: there is none that
 * has a name (the function is "" then). Slow; not for hooks. */
bool symbols_resolve_data(uint64_t addr, struct frame *frame);

/* As the kernel prints an address with %pS: "function+0x1c/0x80 [module]", or the number where no symbol is.
 * Always NUL-terminated, cut when too long. */
void symbols_print(uint64_t pc, bool exact, char *text, size_t size);

/*
 * From names to code, for those who want to know addresses beforehand. Each calls fn for every range of addresses (end is not
 * in it), in no order, and returns how many there were. Not for hooks: debug information may be read.
 *
 * A function, in the kernel, the override layer, modules and native code; with `copies` also where it was inlined into
 * others, as far as debug information of modules and of the native driver tells.
 */
int symbols_find_function(const char *name, bool copies,
			  void (*fn)(uint64_t start, uint64_t end, void *arg), void *arg);
/* Code that was written in this file ("foo.c", or more of its path) of a module or of the native driver; with a line
 * (not 0) only that one's. -1: none of them has debug information. */
int symbols_find_file(const char *file, int line,
		      void (*fn)(uint64_t start, uint64_t end, void *arg), void *arg);
/* All code and data of a module, or of the native driver. */
int symbols_find_module(const char *name, void (*fn)(uint64_t start, uint64_t end, void *arg),
			void *arg);

/* Call fn for each piece of code of a module, or of the native driver, that its line table has, with the whole name of its
 * file. False: there is no debug information. */
bool symbols_each_line(const char *module,
		       void (*fn)(uint64_t start, uint64_t end, const char *file, int line,
				  void *arg),
		       void *arg);

/* The kernel symbol that contains pc: name and offset; NULL when outside. Cheap: no debug
 * information. */
const char *symbols_kernel_name(uint64_t pc, uint64_t *offset);
/* Address of a kernel symbol, 0 when there is none. */
uint64_t symbols_kernel_addr(const char *name);

#endif
