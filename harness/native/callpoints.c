// SPDX-License-Identifier: GPL-2.0-only
/*
 * Calls as points in native mode: when the driver's shared object is loaded, the dynamic loader has written the address of
 * every function that it imports where its relocations say (procedure linkage, global offsets, pointers in its data). Of
 * the functions that are points, a stub's address is written there instead (inject/calls.h).
 *
 * The stubs lie in a mapping of their own, outside all that a snapshot restores; the driver's data are changed before the
 * snapshot is taken. Relocations may lie in pages that the dynamic loader has made read-only again: those are opened for
 * the moment of writing.
 */
#include "host.h"

#include <dlfcn.h>
#include <errno.h>
#include <link.h>
#include <sys/mman.h>
#include "../inject/calls.h"

#define PAGE	   4096ul
#define STUBS_SIZE (CALLS_COMMON_MAX + CALLS_MAX * CALLS_STUB_SIZE)

/* What the dynamic section says, in memory. */
struct dynamic {
	const ElfW(Sym) * symbols;
	const char *names;
	const ElfW(Rela) * relocations[2]; /* of data, of procedures */
	size_t counts[2];
};

static uint64_t find_function(const char *name)
{
	return (uint64_t)dlsym(RTLD_DEFAULT, name);
}

/* There is one task; works and timers that run in the midst of it are kernel threads and interrupts elsewhere. */
static bool takes_signals(void)
{
	return native_state.depth == 0;
}

/* The C library has made these addresses absolute, where it can write to the section. */
static const void *pointer(const struct link_map *map, ElfW(Addr) value)
{
	return (const void *)(value < map->l_addr ? map->l_addr + value : value);
}

static struct dynamic read_dynamic(const struct link_map *map)
{
	struct dynamic d = {0};

	for (const ElfW(Dyn) *entry = map->l_ld; entry->d_tag != DT_NULL; entry++)
		switch (entry->d_tag) {
		case DT_SYMTAB:
			d.symbols = pointer(map, entry->d_un.d_ptr);
			break;
		case DT_STRTAB:
			d.names = pointer(map, entry->d_un.d_ptr);
			break;
		case DT_RELA:
			d.relocations[0] = pointer(map, entry->d_un.d_ptr);
			break;
		case DT_RELASZ:
			d.counts[0] = entry->d_un.d_val / sizeof(ElfW(Rela));
			break;
		case DT_JMPREL:
			d.relocations[1] = pointer(map, entry->d_un.d_ptr);
			break;
		case DT_PLTRELSZ:
			d.counts[1] = entry->d_un.d_val / sizeof(ElfW(Rela));
			break;
		}
	return d;
}

static bool is_writable(uint64_t addr)
{
	for (unsigned i = 0; i < native_driver.data_count; i++)
		if (addr - native_driver.data[i].start < native_driver.data[i].size)
			return true;
	return false;
}

static int write_slot(uint64_t *slot, uint64_t value)
{
	void *page = (void *)((uint64_t)slot & ~(PAGE - 1));
	bool closed = !is_writable((uint64_t)slot);

	if (closed && mprotect(page, PAGE, PROT_READ | PROT_WRITE))
		return -errno;
	*slot = value;
	return closed && mprotect(page, PAGE, PROT_READ) ? -errno : 0;
}

static int lead_to_stub(const struct link_map *map, const struct dynamic *d,
			const ElfW(Rela) * rela)
{
	const ElfW(Sym) *symbol = &d->symbols[ELF64_R_SYM(rela->r_info)];
	uint64_t *slot = (uint64_t *)(map->l_addr + rela->r_offset), stub;
	unsigned type = ELF64_R_TYPE(rela->r_info);

	if (symbol->st_shndx != SHN_UNDEF ||
	    (type != R_X86_64_JUMP_SLOT && type != R_X86_64_GLOB_DAT && type != R_X86_64_64))
		return 0;
	stub = *slot ? calls_stub(d->names + symbol->st_name, *slot) : 0;
	return stub ? write_slot(slot, stub) : 0;
}

static int open_stubs(void)
{
	static const struct calls_world answers = {find_function, takes_signals};
	void *at = mmap(NULL, STUBS_SIZE, PROT_READ | PROT_WRITE | PROT_EXEC,
			MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (at == MAP_FAILED)
		return -errno;
	calls_stubs_open(at, (uint64_t)calls_ask, &answers);
	return 0;
}

int native_lead_to_stubs(const struct link_map *map)
{
	struct dynamic d;
	int error = calls_any() ? open_stubs() : 0;

	if (error || !calls_any())
		return error;
	d = read_dynamic(map);
	for (unsigned table = 0; table < 2; table++)
		for (size_t i = 0; i < d.counts[table] && !error; i++)
			error = lead_to_stub(map, &d, &d.relocations[table][i]);
	calls_name_stubs();
	return error;
}
