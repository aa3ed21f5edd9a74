// SPDX-License-Identifier: GPL-2.0-only
/*
 * Modules in the world, as the host knows them: loading by the kernel's own loader, where each
 * one's code lies, its ORC tables, its sections and file for names and lines.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "../../allocator/vmalloc/vmalloc.h"
#include "../instrument/access.h"
#include "../trace/orc.h"
#include "file.h"
#include "loaded.h"

#define MODULES_MAX  256
#define SECTIONS_MAX 512

static struct loaded modules[MODULES_MAX];
static unsigned module_count;

/* Files that were given to the loader, by module name: for debug information. */
static struct {
	char *name, *path;
} files[MODULES_MAX];
static unsigned file_count;

void *world_module_buffer(const void *bytes, size_t size)
{
	void *copy = kf_vmalloc(size, KF_PAGE_SIZE, KF_GFP_KERNEL, false);

	return copy ? memcpy(copy, bytes, size) : NULL;
}

void loaded_remember_file(const char *name, const char *path)
{
	unsigned i;

	for (i = 0; i < file_count; i++)
		if (!strcmp(files[i].name, name))
			return;
	if (file_count == MODULES_MAX)
		return;
	files[file_count].name = kf_strdup(name);
	files[file_count++].path = kf_strdup(path);
}

static const char *file_of(const char *name)
{
	unsigned i;

	for (i = 0; i < file_count; i++)
		if (!strcmp(files[i].name, name))
			return files[i].path;
	return NULL;
}

static bool contains(uint64_t base, uint64_t size, uint64_t addr)
{
	return addr - base < size;
}

const struct loaded *loaded_find(uint64_t addr)
{
	unsigned i;

	if (!in_module_range(addr))
		return NULL;
	for (i = 0; i < module_count; i++)
		if (contains(modules[i].info.core, modules[i].info.core_size, addr) ||
		    contains(modules[i].info.init, modules[i].info.init_size, addr))
			return &modules[i];
	return NULL;
}

const struct loaded *loaded_by_name(const char *name)
{
	unsigned i;

	for (i = 0; i < module_count; i++)
		if (!strcmp(modules[i].name, name))
			return &modules[i];
	return NULL;
}

const struct loaded *loaded_get(unsigned i)
{
	return i < module_count ? &modules[i] : NULL;
}

/* The kernel's list of sections; lengths are not in it, and not needed to find a section's start.
 */
static unsigned read_sections(struct loaded *mod)
{
	typedef bool section_fn(void *module, unsigned i, const char **name, uint64_t *addr);
	section_fn *section = (section_fn *)overlay_symbol("kf_module_section");
	const char *name;
	uint64_t addr;
	unsigned n = 0;

	mod->sections = kf_array(NULL, SECTIONS_MAX, sizeof(*mod->sections));
	while (n < SECTIONS_MAX && section(mod->info.module, n, &name, &addr)) {
		mod->sections[n].name = kf_strdup(name);
		mod->sections[n].addr = addr;
		mod->sections[n++].size = 0;
	}
	return n;
}

static void register_orc(const struct loaded *mod)
{
	const struct kf_module_info *info = &mod->info;
	struct orc_table table = {info->core,
				  info->core + info->core_size,
				  (const int32_t *)info->orc_ip,
				  (const void *)info->orc,
				  info->orc_count,
				  world.info.orc_new_layout};

	if (info->core_size)
		orc_register(&table);
	table.start = info->init;
	table.end = info->init + info->init_size;
	if (info->init_size)
		orc_register(&table);
}

static void add(void *module)
{
	struct loaded *mod = &modules[module_count];
	const char *path;

	kernel_function(overlay_symbol("kf_module_info"), (uint64_t)module, (uint64_t)&mod->info,
			0);
	if (loaded_by_name(mod->info.name))
		return;
	mod->name = kf_strdup(mod->info.name);
	mod->section_count = read_sections(mod);
	register_orc(mod);
	path = file_of(mod->name);
	mod->path = path ? kf_strdup(path) : NULL;
	symbols_add_module(mod->name, path ? path : "", mod->sections, mod->section_count);
	module_count++;
}

void loaded_update(void)
{
	uint64_t next = overlay_symbol("kf_next_module");
	void *module = NULL;
	unsigned seen = 0;

	/* A list that a driver has written over may have no end. */
	while ((module = (void *)kernel_function(next, (uint64_t)module, 0, 0)) &&
	       module_count < MODULES_MAX && seen++ < MODULES_MAX)
		add(module);
}

static char *join_params(char *const *params, unsigned count)
{
	char *line = kf_strdup(""), *longer;
	unsigned i;

	for (i = 0; i < count; i++) {
		longer = kf_format("%s%s%s", line, i ? " " : "", params[i]);
		free(line);
		line = longer;
	}
	return line;
}

bool loaded_is_instrumented(const struct modfile *file)
{
	for (unsigned i = 0; i < file->undefined_count; i++)
		if (!strncmp(file->undefined[i], "__asan_", 7))
			return true;
	return false;
}

bool loaded_shadow(const struct modfile *file, char *err)
{
	struct kf_shadow_windows *windows;
	struct instrumented code;
	int error;

	if (!loaded_is_instrumented(file) || shadow_is_open())
		return true;
	windows = (void *)overlay_symbol("kf_windows");
	code = (struct instrumented){
		.windows = windows,
		.globals = (void *)overlay_symbol("kf_globals"),
		.globals_count = (void *)overlay_symbol("kf_globals_count"),
		.is_user = world_is_user,
	};
	*windows = (struct kf_shadow_windows){
		.start = {MODULE_BASE, KF_STACK_BASE},
		.size = {MODULE_END - MODULE_BASE, KF_STACKS * KF_STACK_SLOT},
	};
	error = shadow_open(&code);
	if (!error)
		return true;
	*windows = (struct kf_shadow_windows){0};
	kf_error(err, "%s: no room for the shadow of its instrumented code: %s", file->path,
		 strerror(-error));
	return false;
}

enum kernel_how loaded_load(const struct modfile *file, char *const *params, unsigned param_count,
			    bool judged, int64_t *result)
{
	static struct kf_load_request request;
	static char *args;
	enum kernel_how how;
	uint64_t value;

	free(args);
	args = join_params(params, param_count);
	loaded_remember_file(file->name, file->path);
	request.image = (uint64_t)world_module_buffer(file->bytes, file->size);
	request.size = file->size;
	request.args = (uint64_t)args;
	request.judged = judged;
	how = kernel_call(overlay_symbol("kf_load"), (uint64_t)&request, 0, 0, &value);
	*result = (int)value;
	loaded_update();
	return how;
}
