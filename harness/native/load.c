// SPDX-License-Identifier: GPL-2.0-only
/*
 * A compiled driver in memory: where its code and data are, its two entry points, its parameters.
 *
 * All addresses that a run may change are its writable segments, without what the loader made
 * read-only again (relocations that it has applied).
 */
#include "host.h"

#include <dlfcn.h>
#include <errno.h>
#include <link.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#define PAGE 4096ul

struct native_driver native_driver;
struct native_range native_range;

/* ---- where it lies ---- */

static void add_writable(uint64_t start, uint64_t end)
{
	struct native_driver *d = &native_driver;

	if (start >= end || d->data_count == sizeof(d->data) / sizeof(d->data[0]))
		return;
	d->data[d->data_count++] = (struct snapshot_region){
		.start = start, .size = end - start, .prot = PROT_READ | PROT_WRITE};
}

static void take_segments(const struct dl_phdr_info *info)
{
	struct native_driver *d = &native_driver;
	uint64_t relro_start = 0, relro_end = 0;

	d->start = UINT64_MAX;
	for (unsigned i = 0; i < info->dlpi_phnum; i++)
		if (info->dlpi_phdr[i].p_type == PT_GNU_RELRO) {
			relro_start = (info->dlpi_addr + info->dlpi_phdr[i].p_vaddr) & ~(PAGE - 1);
			relro_end = (info->dlpi_addr + info->dlpi_phdr[i].p_vaddr +
				     info->dlpi_phdr[i].p_memsz) &
				    ~(PAGE - 1);
		}
	for (unsigned i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *p = &info->dlpi_phdr[i];
		uint64_t start = (info->dlpi_addr + p->p_vaddr) & ~(PAGE - 1);
		uint64_t end = (info->dlpi_addr + p->p_vaddr + p->p_memsz + PAGE - 1) & ~(PAGE - 1);

		if (p->p_type != PT_LOAD)
			continue;
		d->start = start < d->start ? start : d->start;
		d->end = end > d->end ? end : d->end;
		if (p->p_flags & PF_X) {
			d->text = start;
			d->text_end = end;
		}
		if (!(p->p_flags & PF_W))
			continue;
		if (start < relro_end && relro_start < end) {
			add_writable(start, relro_start);
			start = relro_end;
		}
		add_writable(start, end);
	}
}

static int visit(struct dl_phdr_info *info, size_t size, void *arg)
{
	if (info->dlpi_addr != *(const uint64_t *)arg)
		return 0;
	take_segments(info);
	native_range =
		(struct native_range){native_driver.start, native_driver.end - native_driver.start};
	return 1;
}

static void *own_symbol(void *handle, const char *name)
{
	void *p = dlsym(handle, name);

	/* The C library has an init_module() too. */
	return p && native_in_module((uint64_t)p) ? p : NULL;
}

/* What module_init() recorded, or the function that the loader of a kernel would look for. */
static void *entry(void *handle, const char *pointer, const char *function)
{
	void **p = own_symbol(handle, pointer);

	return p ? *p : own_symbol(handle, function);
}

/* ---- parameters ---- */

static int set_one(void *handle, const char *text, char *err)
{
	const char *equals = strchr(text, '='), *end = equals ? equals : text + strlen(text);
	char symbol[128];
	void *record;
	int error;

	snprintf(symbol, sizeof(symbol), "__param_%.*s", (int)(end - text), text);
	for (char *c = symbol; *c; c++)
		if (*c == '-')
			*c = '_';
	record = own_symbol(handle, symbol);
	if (!record) {
		snprintf(err, ERR_MAX, "%s has no parameter '%.*s'", native_driver.name,
			 (int)(end - text < 100 ? end - text : 100), text);
		return -1;
	}
	error = native_set_param(record, equals ? equals + 1 : NULL);
	if (!error)
		return 0;
	snprintf(err, ERR_MAX, "%s does not accept '%.120s': %s", native_driver.name, text,
		 strerror(-error));
	return -1;
}

/* ---- loading ---- */

/* "file: undefined symbol: foo" is the only failure that a driver's author can meet. */
static int explain_dlopen(const char *module, char *err)
{
	const char *why = dlerror(), *symbol = why ? strstr(why, "undefined symbol: ") : NULL;

	if (symbol)
		snprintf(err, ERR_MAX, "%s needs %.100s, which native mode does not have", module,
			 symbol + strlen("undefined symbol: "));
	else
		snprintf(err, ERR_MAX, "%s cannot be loaded: %.180s", module,
			 why ? why : "unknown reason");
	return -1;
}

int native_load(const char *object, const char *module, char *const *params, unsigned param_count,
		char *err)
{
	struct native_driver *d = &native_driver;
	void *handle = dlopen(object, RTLD_NOW | RTLD_LOCAL);
	struct link_map *map;
	int error;

	if (!handle)
		return explain_dlopen(module, err);
	if (dlinfo(handle, RTLD_DI_LINKMAP, &map) ||
	    !dl_iterate_phdr(visit, &(uint64_t){map->l_addr})) {
		snprintf(err, ERR_MAX, "%s cannot be found in memory after loading", module);
		return -1;
	}
	error = native_lead_to_stubs(map);
	if (error) {
		snprintf(err, ERR_MAX, "the calls of %s cannot be led to stubs: %s", module,
			 strerror(-error));
		return -1;
	}
	snprintf(d->name, sizeof(d->name), "%s", module);
	snprintf(d->path, sizeof(d->path), "%s", object);
	native_read_names(object);
	d->init = (int (*)(void))entry(handle, "native_module_init", "init_module");
	d->exit = (void (*)(void))entry(handle, "native_module_exit", "cleanup_module");
	if (!d->init && !d->exit) {
		snprintf(err, ERR_MAX,
			 "%s has neither module_init() nor module_exit(): it is not a driver",
			 module);
		return -1;
	}
	for (unsigned i = 0; i < param_count; i++)
		if (set_one(handle, params[i], err))
			return -1;
	return 0;
}
