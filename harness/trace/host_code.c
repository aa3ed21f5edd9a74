// SPDX-License-Identifier: GPL-2.0-only
/*
 * The host's loader is asked once, when a stack is first compared: what it has loaded by then stays. Two objects that
 * have code at the same place of their files are told apart by the order in which they were loaded.
 */
#include "host_code.h"

#include <link.h>
#include <stddef.h>

#define OBJECTS_MAX 64

static struct {
	uint64_t base, from, to; /* where it is; code from `from` up to `to` */
} objects[OBJECTS_MAX];
static unsigned count;

static int add_object(struct dl_phdr_info *info, size_t size, void *arg)
{
	for (int i = 0; i < info->dlpi_phnum && count < OBJECTS_MAX; i++) {
		const ElfW(Phdr) *segment = &info->dlpi_phdr[i];

		if (segment->p_type != PT_LOAD || !(segment->p_flags & PF_X))
			continue;
		objects[count].base = info->dlpi_addr;
		objects[count].from = info->dlpi_addr + segment->p_vaddr;
		objects[count].to = objects[count].from + segment->p_memsz;
		count++;
	}
	return 0;
}

uint64_t host_code_settled(uint64_t pc)
{
	if (!count)
		dl_iterate_phdr(add_object, NULL);
	for (unsigned i = 0; i < count; i++)
		if (pc >= objects[i].from && pc < objects[i].to)
			return pc - objects[i].base + ((uint64_t)i << 56);
	return pc;
}
