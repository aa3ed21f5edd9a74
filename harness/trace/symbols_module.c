// SPDX-License-Identifier: GPL-2.0-only
/*
 * Names for modules' code. A .ko is a relocatable file: its sections have no addresses, and its
 * debug information is full of relocations against them. libdwfl applies these once it knows where
 * every section went, and asks section_address() below, which answers with what the kernel's loader
 * said.
 *
 *	the .ko                       the loader's list              memory
 *	[ 2] .text            <-->    .text       0xc0201000  -->   core
 *	[ 7] .init.text       <-->    .init.text  0xc0210000  -->   init
 *	[ 9] .text (again)    <-->    .text       0xc0201a40  -->   core (equal names: in order)
 *	[12] .modinfo                 not there: nothing of it is in memory
 *
 * The file is opened at the first question, and kept. It must still be the file that was loaded:
 * when it was built anew in the meantime, its names would be wrong ones, so it is left alone and
 * its frames have none.
 *
 * Function names come from the ELF symbol table, as in the kernel's own stacks (`foo.cold`,
 * `foo.part.0`), lines and inlined functions from debug information where there is any: in the
 * module, or in a file of the distribution with the same build id.
 */
#include "symbols.h"

#include <elfutils/libdwelf.h>
#include <fcntl.h>
#include <sys/stat.h>
#include "symbols_internal.h"
#include "util.h"

#define NOT_LOADED ((uint64_t)-1)
#define GUESS_MAX  (16ul << 20)

enum state { UNOPENED, OPEN, UNREADABLE };

struct section {
	const char *name;
	uint64_t addr, size;
	bool guessed; /* the loader did not tell the size, and the file was not asked yet */
	bool taken;   /* belongs to a section of the file */
};

struct module_code {
	struct module_code *next;
	enum state state;
	const char *name, *path;
	char *directory;
	struct stat identity;
	struct section *sections; /* as the loader told */
	unsigned section_count;
	uint64_t *addresses; /* of the ELF's sections, by index */
	size_t address_count;
	struct ksym_table symbols; /* functions only */
	uint64_t *sizes;	   /* of the functions; 0 when the file does not tell */
	Dwfl *dwfl;
	Dwfl_Module *mod;
};

static struct module_code *modules;

/* ---- Adding ---- */

static void module_free(struct module_code *code)
{
	if (code->dwfl)
		dwfl_end(code->dwfl);
	free((void *)code->symbols.syms);
	free((void *)code->symbols.strings);
	free(code->sizes);
	free(code->addresses);
	free(code->sections);
	free(code->directory);
	free(code);
}

/* Loaded again: what was known of the earlier one is void. */
static void forget(const char *name)
{
	for (struct module_code **p = &modules; *p; p = &(*p)->next) {
		struct module_code *code = *p;

		if (strcmp(code->name, name) != 0)
			continue;
		*p = code->next;
		module_free(code);
		return;
	}
}

static char *directory_of(const char *path)
{
	char *real = realpath(path, NULL);
	char *slash = real ? strrchr(real, '/') : NULL;

	if (slash)
		*slash = '\0';
	return real ? real : xstrdup("");
}

/* The kernel's own list of sections has no sizes. Until the file tells, a section may reach to the
 * next one, or as far as GUESS_MAX. */
static uint64_t guess_size(const struct module_section *sections, unsigned count, uint64_t addr)
{
	uint64_t size = GUESS_MAX;

	for (unsigned i = 0; i < count; i++)
		if (sections[i].addr > addr && sections[i].addr - addr < size)
			size = sections[i].addr - addr;
	return size;
}

static void copy_sections(struct module_code *code, const struct module_section *sections,
			  unsigned count)
{
	code->sections = xcalloc(count, sizeof(*code->sections));
	code->section_count = count;
	for (unsigned i = 0; i < count; i++) {
		const struct module_section *from = &sections[i];

		code->sections[i] = (struct section){
			.name = symbols_intern(from->name),
			.addr = from->addr,
			.size = from->size ? from->size : guess_size(sections, count, from->addr),
			.guessed = !from->size,
		};
	}
}

/* Nobody will correct the guesses any more: keep clear of what is loaded behind. */
static void give_up(struct module_code *code)
{
	code->state = UNREADABLE;
	for (unsigned i = 0; i < code->section_count; i++)
		if (code->sections[i].guessed && code->sections[i].size == GUESS_MAX)
			code->sections[i].size = 4096;
}

int symbols_add_module(const char *name, const char *path, const struct module_section *sections,
		       unsigned count)
{
	struct module_code *code = xcalloc(1, sizeof(*code));

	forget(name);
	code->name = symbols_intern(name);
	code->path = symbols_intern(path);
	code->directory = directory_of(path);
	copy_sections(code, sections, count);
	if (access(path, R_OK) || stat(path, &code->identity))
		give_up(code);
	code->next = modules;
	modules = code;
	return code->state == UNREADABLE ? -1 : 0;
}

/* ---- Opening ---- */

static bool same_file(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino && a->st_size == b->st_size &&
	       a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

/* The loader's first section of that name (and size, when `sized`) which no ELF section has taken
 * yet. */
static struct section *find_section(struct module_code *code, const char *name, uint64_t size,
				    bool sized)
{
	for (unsigned i = 0; i < code->section_count; i++) {
		struct section *section = &code->sections[i];

		if (section->taken || strcmp(section->name, name) != 0)
			continue;
		if (!sized || (section->size == size && !section->guessed))
			return section;
	}
	return NULL;
}

static void map_section(struct module_code *code, size_t index, const char *name,
			const GElf_Shdr *header)
{
	struct section *section = find_section(code, name, header->sh_size, true);

	if (!section)
		section = find_section(code, name, header->sh_size, false);
	if (!section)
		return;
	section->taken = true;
	if (section->guessed)
		section->size = header->sh_size;
	section->guessed = false;
	code->addresses[index] = section->addr;
}

/* What the file does not have either has no size. */
static void drop_guesses(struct module_code *code)
{
	for (unsigned i = 0; i < code->section_count; i++)
		if (code->sections[i].guessed)
			code->sections[i].size = 0;
}

static bool map_sections(struct module_code *code, Elf *elf)
{
	size_t count = 0, strings = 0;
	Elf_Scn *scn = NULL;

	if (elf_getshdrnum(elf, &count) || elf_getshdrstrndx(elf, &strings) || !count)
		return false;
	code->addresses = xcalloc(count, sizeof(*code->addresses));
	code->address_count = count;
	for (size_t i = 0; i < count; i++)
		code->addresses[i] = NOT_LOADED;
	while ((scn = elf_nextscn(elf, scn))) {
		GElf_Shdr header;
		const char *name;

		if (!gelf_getshdr(scn, &header) || !(header.sh_flags & SHF_ALLOC) ||
		    !header.sh_size)
			continue;
		name = elf_strptr(elf, strings, header.sh_name);
		if (name)
			map_section(code, elf_ndxscn(scn), name, &header);
	}
	drop_guesses(code);
	return true;
}

static int find_elf(Dwfl_Module *mod, void **userdata, const char *modname, Dwarf_Addr base,
		    char **file_name, Elf **elfp)
{
	struct module_code *code = *userdata;
	struct stat now;
	int fd = open(code->path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return -1;
	if (fstat(fd, &now) || !same_file(&now, &code->identity)) {
		fprintf(stderr,
			"kfail: %s was changed since it was loaded: no names for its code\n",
			code->path);
		close(fd);
		return -1;
	}
	elf_version(EV_CURRENT);
	*elfp = dwelf_elf_begin(fd); /* unpacks .ko.xz and the like */
	if (!*elfp || !map_sections(code, *elfp)) {
		elf_end(*elfp);
		*elfp = NULL;
		close(fd);
		return -1;
	}
	*file_name = xstrdup(code->path);
	return fd;
}

static int section_address(Dwfl_Module *mod, void **userdata, const char *modname, Dwarf_Addr base,
			   const char *name, GElf_Word index, const GElf_Shdr *header,
			   Dwarf_Addr *addr)
{
	const struct module_code *code = *userdata;

	*addr = index < code->address_count ? code->addresses[index] : NOT_LOADED;
	return 0;
}

static const Dwfl_Callbacks callbacks = {
	.find_elf = find_elf,
	.find_debuginfo = dwarf_find_debuginfo,
	.section_address = section_address,
};

/* ---- Functions of the symbol table ---- */

struct function {
	uint64_t addr, size;
	const char *name;
	char type;
};

static int by_address(const void *a, const void *b)
{
	const struct function *x = a, *y = b;

	return (x->addr > y->addr) - (x->addr < y->addr);
}

/* kallsyms' letters: the choice among names of one address is made by them. */
static char letter_of(const GElf_Sym *sym)
{
	switch (GELF_ST_BIND(sym->st_info)) {
	case STB_LOCAL:
		return 't';
	case STB_WEAK:
		return 'W';
	default:
		return 'T';
	}
}

static bool in_loaded_code(const struct module_code *code, Elf *elf, GElf_Word index)
{
	Elf_Scn *scn = elf_getscn(elf, index);
	GElf_Shdr header;

	return index < code->address_count && code->addresses[index] != NOT_LOADED &&
	       gelf_getshdr(scn, &header) && (header.sh_flags & SHF_EXECINSTR);
}

/* Labels inside of functions have no type; those of assembler functions may have none either, but
 * are global. */
static bool is_function(const GElf_Sym *sym)
{
	if (GELF_ST_TYPE(sym->st_info) == STT_FUNC)
		return true;
	return GELF_ST_TYPE(sym->st_info) == STT_NOTYPE && GELF_ST_BIND(sym->st_info) != STB_LOCAL;
}

static size_t collect_functions(struct module_code *code, struct function *functions, int count)
{
	size_t n = 0;

	for (int i = 1; i < count; i++) {
		GElf_Sym sym;
		GElf_Addr addr;
		GElf_Word section;
		Elf *elf;
		const char *name =
			dwfl_module_getsym_info(code->mod, i, &sym, &addr, &section, &elf, NULL);

		if (!name || !*name || !is_function(&sym) || !in_loaded_code(code, elf, section))
			continue;
		functions[n++] = (struct function){addr, sym.st_size, name, letter_of(&sym)};
	}
	return n;
}

/* As a table of the kernel's form, so that the same code looks up both. */
static void build_table(struct module_code *code, const struct function *functions, size_t n)
{
	struct ksym *syms = xcalloc(n, sizeof(*syms));
	size_t used = 0, total = 1;
	char *strings;

	for (size_t i = 0; i < n; i++)
		total += strlen(functions[i].name) + 1;
	strings = xmalloc(total);
	code->sizes = xcalloc(n, sizeof(*code->sizes));
	for (size_t i = 0; i < n; i++) {
		syms[i] = (struct ksym){functions[i].addr, (uint32_t)used, functions[i].type};
		code->sizes[i] = functions[i].size;
		strcpy(strings + used, functions[i].name);
		used += strlen(functions[i].name) + 1;
	}
	code->symbols = (struct ksym_table){
		.syms = syms, .count = (uint32_t)n, .strings = strings, .end = UINT64_MAX};
}

static void read_functions(struct module_code *code)
{
	int count = dwfl_module_getsymtab(code->mod);
	struct function *functions;
	size_t n;

	if (count <= 0)
		return;
	functions = xcalloc((size_t)count, sizeof(*functions));
	n = collect_functions(code, functions, count);
	qsort(functions, n, sizeof(*functions), by_address);
	build_table(code, functions, n);
	free(functions);
}

/* ---- Resolving ---- */

static void extent(const struct module_code *code, uint64_t *start, uint64_t *end)
{
	*start = UINT64_MAX;
	*end = 0;
	for (unsigned i = 0; i < code->section_count; i++) {
		const struct section *section = &code->sections[i];

		if (section->addr < *start)
			*start = section->addr;
		if (section->addr + section->size > *end)
			*end = section->addr + section->size;
	}
}

static bool open_dwfl(struct module_code *code)
{
	uint64_t start, end;
	void **userdata;
	GElf_Addr bias;

	extent(code, &start, &end);
	code->dwfl = dwfl_begin(&callbacks);
	if (!code->dwfl)
		return false;
	dwfl_report_begin(code->dwfl);
	code->mod = dwfl_report_module(code->dwfl, code->name, start, end);
	if (!code->mod)
		return false;
	dwfl_module_info(code->mod, &userdata, NULL, NULL, NULL, NULL, NULL, NULL);
	*userdata = code;
	return !dwfl_report_end(code->dwfl, NULL, NULL) && dwfl_module_getelf(code->mod, &bias);
}

static bool module_open(struct module_code *code)
{
	if (code->state != UNOPENED)
		return code->state == OPEN;
	if (!open_dwfl(code)) {
		give_up(code);
		return false;
	}
	code->state = OPEN;
	read_functions(code);
	return true;
}

static const struct section *section_at(const struct module_code *code, uint64_t at)
{
	for (unsigned i = 0; i < code->section_count; i++)
		if (at - code->sections[i].addr < code->sections[i].size)
			return &code->sections[i];
	return NULL;
}

/* The function by its symbol; only one in the same section counts. A compiler may drop the symbol of
 * an init function and keep its alias: then the name from debug information stands. */
static void name_by_symbol(const struct module_code *code, const struct section *section,
			   uint64_t pc, uint64_t at, struct frame *frame)
{
	int64_t i = ksym_find(&code->symbols, at);
	const struct ksym *sym;
	const char *name;

	if (i < 0 || code->symbols.syms[i].addr < section->addr)
		return;
	sym = &code->symbols.syms[i];
	name = code->symbols.strings + sym->name;
	if (!frame->function[0] || !ksym_tells_nothing(name))
		frame->function = symbols_intern(name);
	frame->offset = pc - sym->addr;
	frame->size = code->sizes[i];
}

static unsigned resolve_in(struct module_code *code, const struct section *section, uint64_t pc,
			   uint64_t at, struct frame *frames, unsigned max)
{
	unsigned n = 0;

	if (code->state == OPEN)
		n = dwarf_frames(code->mod, pc, at, code->directory, frames, max);
	if (!n)
		frames[n++] = (struct frame){.pc = pc, .function = ""};
	if (!frames[n - 1].inlined)
		name_by_symbol(code, section, pc, at, &frames[n - 1]);
	for (unsigned i = 0; i < n; i++)
		frames[i].module = code->name;
	return n;
}

unsigned module_resolve(uint64_t pc, uint64_t at, struct frame *frames, unsigned max)
{
	for (struct module_code *code = modules; code; code = code->next) {
		const struct section *section = section_at(code, at);

		if (!section)
			continue;
		/* Opening corrects sizes that were guessed: it may not be this module after all. */
		if (module_open(code))
			section = section_at(code, at);
		if (section)
			return resolve_in(code, section, pc, at, frames, max);
	}
	return 0;
}

/* ---- for those who look for names ---- */

static void module_extent(const struct code_view *view,
			  void (*fn)(uint64_t start, uint64_t end, void *arg), void *arg)
{
	const struct module_code *code = view->code;

	for (unsigned i = 0; i < code->section_count; i++)
		if (code->sections[i].size)
			fn(code->sections[i].addr, code->sections[i].addr + code->sections[i].size,
			   arg);
}

void symbols_each_module(void (*fn)(const struct code_view *view, void *arg), void *arg)
{
	for (struct module_code *code = modules; code; code = code->next) {
		bool open = module_open(code);
		const struct code_view view = {
			.module = code->name,
			.mod = open ? code->mod : NULL,
			.symbols = &code->symbols,
			.sizes = code->sizes,
			.extent = module_extent,
			.code = code,
		};

		fn(&view, arg);
	}
}
