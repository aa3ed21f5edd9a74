// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the kernel's request_module() would bring in.
 *
 * On a machine that runs the kernel, request_module() calls modprobe(8): an alias or a name becomes
 * modules by modules.alias and modules.dep, with soft dependencies of the kind "pre" before.
 * libkmod is what modprobe is made of, and asked here for the world's kernel. The host's
 * /etc/modprobe.d is left out on purpose: blacklists and options of this machine have no place in a
 * result.
 *
 * libkmod wants the indexes that depmod writes. A package that was only unpacked lacks them until
 * `kfail kernel fetch` has run depmod there; then only a module's own name is found, and what it
 * needs by its depends=.
 */
#include <libkmod.h>
#include <stdlib.h>
#include <unistd.h>

#include "modules.h"

#define DEPTH_MAX 32

struct files {
	char **files;
	unsigned count, max;
};

static bool files_have(const struct files *f, const char *path)
{
	unsigned i;

	for (i = 0; i < f->count; i++) {
		if (!strcmp(f->files[i], path))
			return true;
	}
	return false;
}

/* What does not fit is left out. */
static void files_add(struct files *f, const char *path)
{
	if (f->count < f->max && !files_have(f, path))
		f->files[f->count++] = kf_strdup(path);
}

/* ---- with indexes ---- */

static void add_module(struct files *f, struct kmod_module *mod, unsigned depth);

static void add_list(struct files *f, struct kmod_list *list, unsigned depth)
{
	struct kmod_module *mod;
	struct kmod_list *l;

	kmod_list_foreach(l, list)
	{
		mod = kmod_module_get_module(l);
		add_module(f, mod, depth);
		kmod_module_unref(mod);
	}
	kmod_module_unref_list(list);
}

/* What it needs first; a module without a path is built into the kernel. */
static void add_module(struct files *f, struct kmod_module *mod, unsigned depth)
{
	struct kmod_list *before = NULL, *after = NULL;
	const char *path = kmod_module_get_path(mod);

	if (!path || depth > DEPTH_MAX || files_have(f, path))
		return;
	if (!kmod_module_get_softdeps(mod, &before, &after)) {
		add_list(f, before, depth + 1);
		kmod_module_unref_list(after);
	}
	add_list(f, kmod_module_get_dependencies(mod), depth + 1);
	files_add(f, path);
}

static void lookup_indexed(struct files *f, const char *directory, const char *alias)
{
	const char *no_config = NULL;
	struct kmod_ctx *ctx = kmod_new(directory, &no_config);
	struct kmod_list *list = NULL;

	if (!ctx)
		return;
	if (!kmod_module_new_from_lookup(ctx, alias, &list))
		add_list(f, list, 0);
	kmod_unref(ctx);
}

/* ---- without ---- */

static void add_named(struct files *f, const struct module_index *index, const char *name,
		      unsigned depth)
{
	const char *path = module_index_find(index, name);
	struct modfile mod;
	unsigned i;

	if (!path || depth > DEPTH_MAX || files_have(f, path))
		return;
	if (modfile_open(path, &mod, NULL))
		return;
	for (i = 0; i < mod.depend_count; i++)
		add_named(f, index, mod.depends[i], depth + 1);
	modfile_close(&mod);
	files_add(f, path);
}

static void lookup_by_name(struct files *f, const char *directory, const char *alias)
{
	struct module_index index;

	module_index_open(&index, directory);
	add_named(f, &index, alias, 0);
	module_index_close(&index);
}

unsigned modfile_lookup_alias(const struct kernel_paths *paths, const char *alias, char **files,
			      unsigned max)
{
	struct files f = {.files = files, .max = max};
	char *index;

	if (!paths->modules || !*alias || strchr(alias, '/'))
		return 0;
	index = kf_format("%s/modules.alias.bin", paths->modules);
	if (!access(index, R_OK))
		lookup_indexed(&f, paths->modules, alias);
	else
		lookup_by_name(&f, paths->modules, alias);
	free(index);
	return f.count;
}
