// SPDX-License-Identifier: GPL-2.0-only
/*
 * A compiled scenario in memory: what it imports is bound (bind.c), its operations are found, its writable segments are
 * named for the snapshot.
 *
 * The dynamic loader puts it in place and resolves all names to the C library's functions; then the relocations of
 * the object itself are gone through once more, and those of bound names get ours. So nothing that the C library
 * does inside is changed, and nothing that the program calls directly goes to the host.
 */
#include <dlfcn.h>
#include <elf.h>
#include <errno.h>
#include <link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "include/kfail/scenario.h"
#include "../trace/run_state.h"
#include "internal.h"

#define PAGE	    4096ul
#define REGIONS_MAX 8

static struct {
	char name[64];
	char object[4200];
	uint64_t base;
	const struct kfail_operation *operations[PROGRAM_OPERATIONS_MAX];
	unsigned count;
	const struct kfail_scenario *scenario; /* or NULL */
	struct snapshot_region data[REGIONS_MAX];
	unsigned data_count;
} program;

/* ---- binding ---- */

struct dynamic {
	uint64_t base;
	const Elf64_Sym *symbols;
	const char *strings;
	const Elf64_Rela *tables[2]; /* of data, and of calls */
	uint64_t sizes[2];
};

/* The dynamic loader has added the base to addresses already, but for the sizes. */
static struct dynamic read_dynamic(const struct link_map *map)
{
	struct dynamic d = {.base = map->l_addr};

	for (const Elf64_Dyn *entry = map->l_ld; entry->d_tag != DT_NULL; entry++) {
		switch (entry->d_tag) {
		case DT_SYMTAB:
			d.symbols = (const Elf64_Sym *)entry->d_un.d_ptr;
			break;
		case DT_STRTAB:
			d.strings = (const char *)entry->d_un.d_ptr;
			break;
		case DT_RELA:
			d.tables[0] = (const Elf64_Rela *)entry->d_un.d_ptr;
			break;
		case DT_RELASZ:
			d.sizes[0] = entry->d_un.d_val;
			break;
		case DT_JMPREL:
			d.tables[1] = (const Elf64_Rela *)entry->d_un.d_ptr;
			break;
		case DT_PLTRELSZ:
			d.sizes[1] = entry->d_un.d_val;
			break;
		}
	}
	return d;
}

static bool is_thread_call(const char *name)
{
	return !strncmp(name, "pthread_", 8) || !strncmp(name, "thrd_", 5) ||
	       !strcmp(name, "clone");
}

static int complain_import(const char *path, const char *name, char *err)
{
	if (is_thread_call(name))
		snprintf(err, PROGRAM_ERR,
			 "%.100s calls %.60s(): threads are not supported in scenarios", path,
			 name);
	else
		snprintf(err, PROGRAM_ERR,
			 "%.100s calls %.60s(), which a scenario cannot do: it would go to the "
			 "host, not "
			 "to the kernel under test",
			 path, name);
	return -1;
}

/* The slot may lie in what the dynamic loader has made read-only. */
static void write_slot(uint64_t *slot, uint64_t value)
{
	void *page = (void *)((uint64_t)slot & ~(PAGE - 1));

	mprotect(page, PAGE, PROT_READ | PROT_WRITE);
	*slot = value;
}

static int bind_one(const struct dynamic *d, const Elf64_Rela *rela, const char *path, char *err)
{
	const Elf64_Sym *symbol = &d->symbols[ELF64_R_SYM(rela->r_info)];
	const char *name = d->strings + symbol->st_name;
	uint64_t *slot = (uint64_t *)(d->base + rela->r_offset);
	void *ours;
	bool pure;

	if (!ELF64_R_SYM(rela->r_info) || symbol->st_shndx != SHN_UNDEF)
		return 0;
	ours = program_binding(name, &pure);
	if (ours) {
		write_slot(slot, (uint64_t)ours + (uint64_t)rela->r_addend);
		return 0;
	}
	/* A weak name that nobody has is zero, and the program asks. */
	if (pure || (ELF64_ST_BIND(symbol->st_info) == STB_WEAK && !*slot))
		return 0;
	return complain_import(path, name, err);
}

static int bind_all(const struct link_map *map, const char *path, char *err)
{
	const struct dynamic d = read_dynamic(map);

	for (int t = 0; t < 2; t++)
		for (uint64_t i = 0; i < d.sizes[t] / sizeof(Elf64_Rela); i++)
			if (bind_one(&d, &d.tables[t][i], path, err))
				return -1;
	return 0;
}

/* ---- its data ---- */

static int add_data(struct dl_phdr_info *info, size_t size, void *arg)
{
	if (info->dlpi_addr != *(const uint64_t *)arg)
		return 0;
	for (unsigned i = 0; i < info->dlpi_phnum; i++) {
		const Elf64_Phdr *p = &info->dlpi_phdr[i];
		uint64_t start = (info->dlpi_addr + p->p_vaddr) & ~(PAGE - 1);
		uint64_t end = (info->dlpi_addr + p->p_vaddr + p->p_memsz + PAGE - 1) & ~(PAGE - 1);

		int prot = PROT_READ | (p->p_flags & PF_W ? PROT_WRITE : 0) |
			   (p->p_flags & PF_X ? PROT_EXEC : 0);

		if (p->p_type != PT_LOAD || program.data_count == REGIONS_MAX)
			continue;
		/* All of it, what was relocated and made read-only too: simpler, and nobody writes there. */
		if (prot & PROT_WRITE)
			mprotect((void *)start, end - start, prot);
		program.data[program.data_count++] = (struct snapshot_region){
			.start = start, .size = end - start, .prot = prot, .opaque = true};
	}
	return 1;
}

unsigned program_memory(struct snapshot_region *regions, unsigned max)
{
	unsigned n = program_memory_regions(regions);

	for (unsigned i = 0; i < program.data_count && n < max; i++)
		regions[n++] = program.data[i];
	return n;
}

/* ---- its operations ---- */

static int by_order(const void *a, const void *b)
{
	const struct kfail_operation *const *x = a, *const *y = b;

	return ((*x)->order > (*y)->order) - ((*x)->order < (*y)->order);
}

static int check_operations(const char *path, char *err)
{
	for (unsigned i = 0; i < program.count; i++) {
		const char *name = program.operations[i]->name;

		if (!strcmp(name, "init") || !strcmp(name, "exit") || !strcmp(name, "whole")) {
			snprintf(err, PROGRAM_ERR,
				 "%.120s: an operation cannot be named %s: the module's own are "
				 "called so",
				 path, name);
			return -1;
		}
		for (unsigned k = 0; k < i; k++)
			if (!strcmp(program.operations[k]->name, name)) {
				snprintf(err, PROGRAM_ERR, "%.120s: two operations are named %.60s",
					 path, name);
				return -1;
			}
	}
	return 0;
}

static int find_operations(void *handle, const char *path, char *err)
{
	const struct kfail_program *header = dlsym(handle, "kfail_program");

	if (!header) {
		snprintf(err, PROGRAM_ERR,
			 "%.120s is no scenario: it does not include <kfail/scenario.h>", path);
		return -1;
	}
	if (header->version != KFAIL_SCENARIO_VERSION ||
	    header->size != sizeof(struct kfail_operation)) {
		snprintf(err, PROGRAM_ERR,
			 "%.120s was compiled with kfail/scenario.h of version %d, and this kfail "
			 "has "
			 "version %d: compile it again",
			 path, header->version, KFAIL_SCENARIO_VERSION);
		return -1;
	}
	if (header->first == header->end) {
		snprintf(err, PROGRAM_ERR, "%.120s has no OPERATION(): there is nothing to sweep",
			 path);
		return -1;
	}
	if (header->end - header->first > PROGRAM_OPERATIONS_MAX) {
		snprintf(err, PROGRAM_ERR, "%.120s has %ld operations, and %d are possible", path,
			 (long)(header->end - header->first), PROGRAM_OPERATIONS_MAX);
		return -1;
	}
	for (const struct kfail_operation *op = header->first; op < header->end; op++)
		program.operations[program.count++] = op;
	qsort(program.operations, program.count, sizeof(program.operations[0]), by_order);
	program.scenario = dlsym(handle, "kfail_scenario");
	return check_operations(path, err);
}

unsigned program_operations(void)
{
	return program.count;
}

const char *program_operation_name(unsigned i)
{
	return i < program.count ? program.operations[i]->name : "";
}

const int *program_operation_errors(unsigned i)
{
	return program.operations[i]->errors;
}

bool program_operation_once(unsigned i)
{
	return program.operations[i]->once;
}

const char *program_name(void)
{
	return program.name;
}

/* ---- what a part calls ---- */

static RUN_STATE void (*void_function)(void);
static RUN_STATE int (*int_function)(void);

static int64_t call_void(void)
{
	void_function();
	return 0;
}

static int64_t call_int(void)
{
	return int_function();
}

static long close_files(void)
{
	return program_raw_call("close_range", SYS_close_range, (uint64_t[6]){3, UINT32_MAX, 0});
}

static int64_t (*int_part(int (*fn)(void)))(void)
{
	int_function = fn;
	return fn ? call_int : NULL;
}

static int64_t (*void_part(void (*fn)(void)))(void)
{
	void_function = fn;
	return fn ? call_void : NULL;
}

int64_t (*program_function(enum program_part part, unsigned i))(void)
{
	const struct kfail_operation *op = program.operations[i < program.count ? i : 0];

	switch (part) {
	case PROGRAM_SETUP:
		return int_part(program.scenario ? program.scenario->setup : NULL);
	case PROGRAM_BEFORE:
		return int_part(op->setup);
	case PROGRAM_RUN:
		return op->run;
	case PROGRAM_CHECK:
		return void_part(op->check);
	case PROGRAM_AFTER:
		return void_part(op->teardown);
	case PROGRAM_TEARDOWN:
		return void_part(program.scenario ? program.scenario->teardown : NULL);
	case PROGRAM_END:
		return close_files;
	}
	return NULL;
}

/* ---- loading ---- */

static void name_it(const char *path)
{
	const char *slash = strrchr(path, '/'), *base = slash ? slash + 1 : path;
	const char *dot = strrchr(base, '.');

	snprintf(program.name, sizeof(program.name), "%.*s",
		 (int)(dot && dot != base ? dot - base : (long)strlen(base)), base);
}

const char *program_object(uint64_t *base)
{
	*base = program.base;
	return program.object;
}

static int load(const char *object, const char *path, char *err)
{
	void *handle = dlopen(object, RTLD_NOW | RTLD_LOCAL);
	struct link_map *map;

	if (!handle) {
		snprintf(err, PROGRAM_ERR, "%.80s cannot be loaded: %.140s", path, dlerror());
		return -1;
	}
	if (dlinfo(handle, RTLD_DI_LINKMAP, &map)) {
		snprintf(err, PROGRAM_ERR, "%.80s cannot be found in memory", path);
		return -1;
	}
	program.base = map->l_addr;
	dl_iterate_phdr(add_data, &program.base);
	return bind_all(map, path, err) ?: find_operations(handle, path, err);
}

static bool is_source(const char *path)
{
	size_t n = strlen(path);

	return n > 2 && !strcmp(path + n - 2, ".c");
}

int program_load(const char *path, char *err)
{
	char *object = program.object;

	if (access(path, R_OK)) {
		snprintf(err, PROGRAM_ERR, "the scenario %.150s: %s", path, strerror(errno));
		return -1;
	}
	name_it(path);
	/* With a slash, so that the dynamic loader does not search for it. */
	snprintf(object, sizeof(program.object), "%s%s", strchr(path, '/') ? "" : "./", path);
	if (is_source(path) && program_compile(path, object, sizeof(program.object), err))
		return -1;
	return program_memory_open(false, err) ?: load(object, path, err);
}

int program_use(const char *name, const struct kfail_operation *operation, char *err)
{
	snprintf(program.name, sizeof(program.name), "%s", name);
	program.operations[0] = operation;
	program.count = 1;
	return program_memory_open(true, err);
}
