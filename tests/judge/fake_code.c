// SPDX-License-Identifier: GPL-2.0-only
/*
 * The small world's code (fake_code.h): driver and kernel are sections of this program, and so are
 * their names.
 */
#include "fake_code.h"

#include <dlfcn.h>
#include <elf.h>
#include <link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "../../harness/trace/symbols.h"

bool fake_in_driver(uint64_t pc)
{
	return pc > (uint64_t)__start_driver_text && pc <= (uint64_t)__stop_driver_text;
}

bool fake_in_kernel(uint64_t pc)
{
	return pc > (uint64_t)__start_kernel_text && pc <= (uint64_t)__stop_kernel_text;
}

/* `low`: the stack pointer; a frame pointer below it, or beyond the operation, is none. */

static struct ksym driver_syms[512], kernel_syms[512];
static char strings[65536];
static uint32_t strings_used = 1;

/* Without the prefix that keeps the linker from seeing two of them. */
static void add_symbol(struct ksym_table *table, struct ksym *syms, uint64_t addr, const char *name)
{
	size_t size;

	name += strncmp(name, "fake_", 5) ? 0 : 5;
	size = strlen(name) + 1;

	syms[table->count++] = (struct ksym){.addr = addr, .name = strings_used, .type = 'T'};
	memcpy(strings + strings_used, name, size);
	strings_used += (uint32_t)size;
}

static int compare_sym(const void *a, const void *b)
{
	const struct ksym *x = a, *y = b;

	return x->addr < y->addr ? -1 : x->addr > y->addr;
}

static uint64_t load_bias(void)
{
	struct link_map *map = NULL;
	void *self = dlopen(NULL, RTLD_NOW);

	dlinfo(self, RTLD_DI_LINKMAP, &map);
	return map->l_addr;
}

static void read_symbols(const char *image, struct ksym_table *driver, struct ksym_table *kernel)
{
	const Elf64_Ehdr *ehdr = (const Elf64_Ehdr *)image;
	const Elf64_Shdr *shdr = (const Elf64_Shdr *)(image + ehdr->e_shoff);
	uint64_t bias = load_bias();

	for (unsigned i = 0; i < ehdr->e_shnum; i++) {
		const Elf64_Sym *sym = (const Elf64_Sym *)(image + shdr[i].sh_offset);
		const char *names;

		if (shdr[i].sh_type != SHT_SYMTAB)
			continue;
		names = image + shdr[shdr[i].sh_link].sh_offset;
		for (uint64_t k = 0; k < shdr[i].sh_size / sizeof(*sym); k++) {
			uint64_t addr = sym[k].st_value + bias;

			if (ELF64_ST_TYPE(sym[k].st_info) != STT_FUNC)
				continue;
			if (fake_in_driver(addr + 1))
				add_symbol(driver, driver_syms, addr, names + sym[k].st_name);
			else if (fake_in_kernel(addr + 1))
				add_symbol(kernel, kernel_syms, addr, names + sym[k].st_name);
		}
	}
}

void fake_name_code(void)
{
	static struct ksym_table driver, kernel;
	FILE *file = fopen("/proc/self/exe", "r");
	char *image = malloc(64 << 20);

	driver = (struct ksym_table){driver_syms, 0, strings, (uint64_t)__start_driver_text,
				     (uint64_t)__stop_driver_text};
	kernel = (struct ksym_table){kernel_syms, 0, strings, (uint64_t)__start_kernel_text,
				     (uint64_t)__stop_kernel_text};
	if (!file || !image || fread(image, 1, 64 << 20, file) <= sizeof(Elf64_Ehdr)) {
		fprintf(stderr, "the small world cannot be made: symbols\n");
		exit(2);
	}
	read_symbols(image, &driver, &kernel);
	fclose(file);
	free(image);
	qsort(driver_syms, driver.count, sizeof(driver_syms[0]), compare_sym);
	qsort(kernel_syms, kernel.count, sizeof(kernel_syms[0]), compare_sym);
	symbols_set_kernel(&kernel);
	symbols_add_table("fake", &driver);
}
