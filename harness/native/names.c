// SPDX-License-Identifier: GPL-2.0-only
/*
 * Names of the driver's functions, static ones too, from its ELF symbol table: for messages that
 * are made while it runs. (Reports name frames through harness/trace/symbols.h, which needs more
 * stack than a driver has.)
 */
#include "host.h"

#include <fcntl.h>
#include <gelf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct name {
	uint64_t start, end; /* in memory */
	char *text;
};

static struct name *names;
static size_t name_count;

static void add_symbol(const GElf_Sym *sym, const char *text)
{
	if (GELF_ST_TYPE(sym->st_info) != STT_FUNC || !sym->st_size || !text)
		return;
	if (!(name_count & (name_count - 1))) {
		struct name *more =
			realloc(names, (name_count ? 2 * name_count : 1) * sizeof(*names));

		if (!more)
			return;
		names = more;
	}
	names[name_count].start = native_driver.start + sym->st_value;
	names[name_count].end = names[name_count].start + sym->st_size;
	names[name_count].text = strdup(text);
	name_count += names[name_count].text != NULL;
}

static void read_table(Elf *elf, Elf_Scn *section, const GElf_Shdr *header)
{
	Elf_Data *data = elf_getdata(section, NULL);
	GElf_Sym sym;

	for (size_t i = 0; data && header->sh_entsize && i < header->sh_size / header->sh_entsize;
	     i++)
		if (gelf_getsym(data, (int)i, &sym))
			add_symbol(&sym, elf_strptr(elf, header->sh_link, sym.st_name));
}

void native_read_names(const char *object)
{
	int fd = open(object, O_RDONLY | O_CLOEXEC);
	Elf_Scn *section = NULL;
	GElf_Shdr header;
	Elf *elf;

	elf_version(EV_CURRENT);
	elf = fd >= 0 ? elf_begin(fd, ELF_C_READ, NULL) : NULL;
	while (elf && (section = elf_nextscn(elf, section)))
		if (gelf_getshdr(section, &header) && header.sh_type == SHT_SYMTAB)
			read_table(elf, section, &header);
	elf_end(elf);
	if (fd >= 0)
		close(fd);
}

const char *native_symbol(uint64_t pc, char *buf, size_t size)
{
	for (size_t i = 0; i < name_count; i++) {
		const struct name *n = &names[i];

		if (pc < n->start || pc >= n->end)
			continue;
		if (pc == n->start)
			snprintf(buf, size, "%s", n->text);
		else
			snprintf(buf, size, "%s+0x%lx", n->text, pc - n->start);
		return buf;
	}
	snprintf(buf, size, "0x%lx", pc);
	return buf;
}
