// SPDX-License-Identifier: GPL-2.0-only
/*
 * Names for the process's own code, in native mode: the executable and every shared object in it,
 * as the dynamic linker lists them. (/proc/self/maps would name them too, but there the world's
 * memory has thousands of lines, and the linker's list says when it has changed.)
 *
 * Read at the first question; read again when an address is unknown and something was loaded since.
 * What was handed out before stays valid, because all strings are interned.
 *
 * Frames in the driver's own shared object carry its module name, and file names relative to where
 * it lies; all others are the host program's: no module, files as recorded.
 */
#include "symbols.h"

#include <limits.h>
#include <link.h>
#include "symbols_internal.h"
#include "util.h"

static struct {
	bool enabled;
	Dwfl *dwfl;
	unsigned long long adds; /* the linker's count of loaded objects when they were read */
	const char *module;	 /* the driver's name, or NULL */
	char *given;		 /* its shared object, as it was loaded */
	char *path;		 /* the same as realpath() gave it then */
	char *directory;
} native;

static const Dwfl_Callbacks callbacks = {
	.find_elf = dwfl_build_id_find_elf,
	.find_debuginfo = dwarf_find_debuginfo,
};

void symbols_add_self(void)
{
	native.enabled = true;
}

void symbols_set_native_module(const char *name, const char *path)
{
	char *slash;

	free(native.given);
	free(native.path);
	free(native.directory);
	native.module = symbols_intern(name);
	native.given = xstrdup(path);
	native.path = realpath(path, NULL);
	native.directory = native.path ? xstrdup(native.path) : NULL;
	slash = native.directory ? strrchr(native.directory, '/') : NULL;
	if (slash)
		*slash = '\0';
}

static int see_count(struct dl_phdr_info *info, size_t size, void *count)
{
	*(unsigned long long *)count = info->dlpi_adds;
	return 1; /* the same with each object: the first will do */
}

static int report_object(struct dl_phdr_info *info, size_t size, void *first)
{
	const char *path = info->dlpi_name;
	char executable[PATH_MAX];
	bool *is_first = first;

	native.adds = info->dlpi_adds;
	if (*is_first) { /* the program itself: it has no name here */
		ssize_t n = readlink("/proc/self/exe", executable, sizeof(executable) - 1);

		executable[n > 0 ? n : 0] = '\0';
		path = executable;
	}
	*is_first = false;
	if (strchr(path, '/')) /* the vdso is no file */
		dwfl_report_elf(native.dwfl, path, path, -1, info->dlpi_addr, true);
	return 0;
}

static bool native_open(void)
{
	bool first = true;

	if (native.dwfl)
		dwfl_end(native.dwfl);
	native.dwfl = dwfl_begin(&callbacks);
	if (!native.dwfl)
		return false;
	dwfl_report_begin(native.dwfl);
	dl_iterate_phdr(report_object, &first);
	return !dwfl_report_end(native.dwfl, NULL, NULL);
}

static bool out_of_date(void)
{
	unsigned long long adds = 0;

	dl_iterate_phdr(see_count, &adds);
	return !native.dwfl || adds != native.adds;
}

static Dwfl_Module *object_at(uint64_t at)
{
	Dwfl_Module *mod = native.dwfl ? dwfl_addrmodule(native.dwfl, at) : NULL;

	if (mod || !out_of_date())
		return mod;
	return native_open() ? dwfl_addrmodule(native.dwfl, at) : NULL;
}

static bool is_driver(Dwfl_Module *mod)
{
	const char *path = NULL;
	char real[PATH_MAX];

	if (!native.path)
		return false;
	dwfl_module_info(mod, NULL, NULL, NULL, NULL, NULL, &path, NULL);
	/* By its name first: the file itself may be gone. */
	return path && (!strcmp(path, native.given) ||
			(realpath(path, real) && !strcmp(real, native.path)));
}

static void name_by_symbol(Dwfl_Module *mod, uint64_t pc, uint64_t at, struct frame *frame)
{
	GElf_Off offset;
	GElf_Sym sym;
	const char *name = dwfl_module_addrinfo(mod, at, &offset, &sym, NULL, NULL, NULL);

	if (!name)
		return;
	frame->function = symbols_intern(name);
	frame->offset = offset + (pc - at);
	frame->size = sym.st_size;
}

unsigned native_resolve(uint64_t pc, uint64_t at, struct frame *frames, unsigned max)
{
	Dwfl_Module *mod = native.enabled ? object_at(at) : NULL;
	bool driver;
	unsigned n;

	if (!mod)
		return 0;
	driver = is_driver(mod);
	n = dwarf_frames(mod, pc, at, driver ? native.directory : NULL, frames, max);
	if (!n)
		frames[n++] = (struct frame){.pc = pc, .function = ""};
	if (!frames[n - 1].inlined)
		name_by_symbol(mod, pc, at, &frames[n - 1]);
	for (unsigned i = 0; driver && i < n; i++)
		frames[i].module = native.module;
	return n;
}

/* ---- for those who look for names ---- */

static void object_extent(const struct code_view *view,
			  void (*fn)(uint64_t start, uint64_t end, void *arg), void *arg)
{
	Dwarf_Addr start, end;

	if (dwfl_module_info(view->mod, NULL, &start, &end, NULL, NULL, NULL, NULL))
		fn(start, end, arg);
}

struct visit {
	void (*fn)(const struct code_view *view, void *arg);
	void *arg;
};

static int visit_object(Dwfl_Module *mod, void **userdata, const char *name, Dwarf_Addr base,
			void *arg)
{
	const struct visit *visit = arg;
	const struct code_view view = {
		.module = is_driver(mod) ? native.module : NULL,
		.mod = mod,
		.extent = object_extent,
	};

	visit->fn(&view, visit->arg);
	return DWARF_CB_OK;
}

void symbols_each_object(void (*fn)(const struct code_view *view, void *arg), void *arg)
{
	struct visit visit = {fn, arg};

	if (native.enabled && (!out_of_date() || native_open()))
		dwfl_getmodules(native.dwfl, visit_object, &visit, 0);
}
