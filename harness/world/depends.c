// SPDX-License-Identifier: GPL-2.0-only
/*
 * The order in which modules have to be loaded.
 *
 * Two things say what a module needs: the names in depends= (written by modpost, from the symbols
 * it could resolve at build time), and the symbols it imports. depmod(8) believes the symbols only,
 * people read the names. Here the names are followed first, because they are cheap, and then every
 * imported symbol has to be exported by the kernel, by the override layer (exports.def) or by a module that comes before;
 * what is not is looked for, and what is not found ends in a sentence. So the kernel's loader never has to say
 * "Unknown symbol", and both have agreed when modfile_order() succeeds.
 *
 * A depth-first walk from the modules given, in the order given. The last one given is the one that
 * is judged, and comes last: when another needs it, that is an error and not a reason to change the
 * order.
 *
 * A module built for another kernel is refused when the user gave it, and passed over when it was
 * found.
 */
#include <stdio.h>
#include <stdlib.h>

#include "exports.h"
#include "modules.h"

enum state { STATE_NEW, STATE_OPEN, STATE_DONE };

struct node {
	struct modfile mod;
	enum state state;
};

struct order {
	const struct kernel_paths *paths;
	struct node **nodes;	    /* pointers, so that they stay where they are */
	unsigned node_count, given; /* the first `given` nodes are the user's */
	struct node **sorted;
	unsigned sorted_count;
	struct names exported; /* by modules that are done */
	struct symvers kernel; /* of the headers, or the image */
	bool kernel_read, kernel_known;
	struct module_index index;
	bool index_read;
	char *err;
};

static const char *base(const struct node *n)
{
	return modfile_base(&n->mod);
}

/* ---- nodes ---- */

static struct node *node_find(const struct order *o, const char *name)
{
	unsigned i;

	for (i = 0; i < o->node_count; i++) {
		if (!strcmp(o->nodes[i]->mod.name, name))
			return o->nodes[i];
	}
	return NULL;
}

static struct node *node_add(struct order *o, const struct modfile *mod)
{
	struct node *n = kf_array(NULL, 1, sizeof(*n));

	*n = (struct node){.mod = *mod};
	o->nodes = kf_array(o->nodes, o->node_count + 1, sizeof(struct node *));
	o->nodes[o->node_count++] = n;
	return n;
}

static bool version_fits(const struct order *o, const struct modfile *mod)
{
	return !o->paths->version || !strcmp(o->paths->version, mod->kernel_version);
}

/* A module that was found rather than given: NULL when it is no use. */
static struct node *node_open(struct order *o, const char *path, const char *name)
{
	struct modfile mod;

	if (modfile_open(path, &mod, NULL))
		return NULL;
	if (version_fits(o, &mod) && !strcmp(mod.name, name) && !node_find(o, mod.name))
		return node_add(o, &mod);
	modfile_close(&mod);
	return NULL;
}

static int open_given(struct order *o, char *const *files, unsigned count)
{
	struct modfile mod;
	unsigned i;

	for (i = 0; i < count; i++) {
		if (modfile_open(files[i], &mod, o->err))
			return -1;
		if (node_find(o, mod.name))
			kf_error(o->err, "%s: a module of the name %s is given twice", files[i],
				 mod.name);
		else if (!version_fits(o, &mod))
			kf_error(o->err,
				 "%s: built for kernel %s, and the kernel in use is %s: build it "
				 "for that "
				 "one, or give its own with --kernel",
				 files[i], mod.kernel_version, o->paths->version);
		else if (node_add(o, &mod))
			continue;
		modfile_close(&mod);
		return -1;
	}
	o->given = o->node_count;
	return 0;
}

/* ---- where a module of some name is ---- */

struct name_search {
	struct order *o;
	const char *name;
	struct node *found;
};

static bool try_name(const char *file, void *arg)
{
	struct name_search *s = arg;
	char *name = module_name_of(file);

	if (name && !strcmp(name, s->name))
		s->found = node_open(s->o, file, s->name);
	free(name);
	return s->found;
}

static bool is_below(const char *path, const char *directory)
{
	char *real = directory ? realpath(directory, NULL) : NULL;
	bool is = real && starts_with(path, real);

	free(real);
	return is;
}

static const char *index_find(struct order *o, const char *name)
{
	if (!o->index_read)
		module_index_open(&o->index, o->paths->modules);
	o->index_read = true;
	return module_index_find(&o->index, name);
}

/* Given, or near the module that needs it, or among the kernel's. NULL: nowhere. */
static struct node *provide(struct order *o, const char *needed, const struct node *by)
{
	char *name = module_key(needed);
	struct name_search s = {.o = o, .name = name};
	const char *path;

	s.found = node_find(o, name);
	if (!s.found && !is_below(by->mod.path, o->paths->modules))
		modules_nearby(by->mod.path, try_name, &s);
	path = s.found ? NULL : index_find(o, name);
	if (path)
		s.found = node_open(o, path, name);
	free(name);
	return s.found;
}

/* ---- who exports a symbol ---- */

/* What the kernel exports: read once, from the headers if there are any, because the image takes
 * half a second. */
static void read_kernel(struct order *o)
{
	char *path;

	if (o->kernel_read)
		return;
	o->kernel_read = true;
	if (o->paths->headers) {
		path = kf_format("%s/Module.symvers", o->paths->headers);
		o->kernel_known = symvers_add_file(&o->kernel, path) && o->kernel.exporters.count;
		free(path);
	}
	if (!o->kernel_known && o->paths->image)
		o->kernel_known = symvers_add_image(&o->kernel, o->paths->image);
}

static bool exports(const struct modfile *mod, const char *symbol)
{
	unsigned i;

	for (i = 0; i < mod->export_count; i++) {
		if (!strcmp(mod->exports[i], symbol))
			return true;
	}
	return false;
}

static struct node *given_exporter(const struct order *o, const char *symbol)
{
	unsigned i;

	for (i = 0; i < o->given; i++) {
		if (exports(&o->nodes[i]->mod, symbol))
			return o->nodes[i];
	}
	return NULL;
}

struct symbol_search {
	struct order *o;
	const char *symbol;
	struct node *found;
};

static bool try_symbol(const char *file, void *arg)
{
	struct symbol_search *s = arg;
	struct modfile mod;

	if (modfile_open(file, &mod, NULL))
		return false;
	if (exports(&mod, s->symbol) && version_fits(s->o, &mod) && !node_find(s->o, mod.name)) {
		s->found = node_add(s->o, &mod);
		return true;
	}
	modfile_close(&mod);
	return false;
}

/* The module that exports it: given, of the kernel, or near. NULL: nobody that could be loaded. */
static struct node *find_exporter(struct order *o, const char *symbol, const struct node *by)
{
	struct symbol_search s = {.o = o, .symbol = symbol};
	const char *module;

	s.found = given_exporter(o, symbol);
	module = symvers_exporter(&o->kernel, symbol);
	if (!s.found && module)
		s.found = provide(o, strrchr(module, '/') ? strrchr(module, '/') + 1 : module, by);
	if (!s.found && !is_below(by->mod.path, o->paths->modules))
		modules_nearby(by->mod.path, try_symbol, &s);
	return s.found;
}

/* ---- sentences ---- */

static bool add_symvers(const char *file, void *arg)
{
	symvers_add_file(arg, file);
	return false;
}

/* A name from depends= that nothing at hand answers to; NULL: all were found. */
static const char *missing_name(struct order *o, const struct node *n)
{
	unsigned i;

	for (i = 0; i < n->mod.depend_count; i++) {
		if (!provide(o, n->mod.depends[i], n))
			return n->mod.depends[i];
	}
	return NULL;
}

static int fail_symbol(struct order *o, const struct node *n, const char *symbol)
{
	const char *of_kernel = symvers_exporter(&o->kernel, symbol), *module;
	const char *version = o->paths->version ? o->paths->version : n->mod.kernel_version;
	struct symvers near = {0};
	const char *name;

	files_nearby(n->mod.path, "Module.symvers", add_symvers, &near);
	module = symvers_exporter(&near, symbol);
	if (module && strrchr(module, '/'))
		module = strrchr(module, '/') + 1;
	name = missing_name(o, n);
	if (module)
		kf_error(o->err, "%s needs symbol %s, which %s.ko exports: give %s.ko before %s",
			 base(n), symbol, module, module, base(n));
	else if (of_kernel)
		kf_error(o->err,
			 "%s needs symbol %s, which the module %s of kernel %s exports, and that "
			 "is not "
			 "at hand; `kfail kernel fetch %s` gets it",
			 base(n), symbol, of_kernel, version, version);
	else if (name)
		kf_error(o->err,
			 "%s needs symbol %s and the module %s, and neither kernel %s nor a "
			 "module at hand has them: give %s.ko before %s",
			 base(n), symbol, name, version, name, base(n));
	else
		kf_error(o->err,
			 "%s needs symbol %s, which neither kernel %s nor a module at hand "
			 "exports: give "
			 "the module that does before %s",
			 base(n), symbol, version, base(n));
	symvers_clear(&near);
	return -1;
}

static int fail_last(const struct order *o, const struct node *n, const struct node *last)
{
	return kf_fail(o->err, "%s needs %s, which is given last: give %s before %s", base(n),
		       base(last), base(last), base(n));
}

/* ---- the walk ---- */

static int visit(struct order *o, struct node *n);

/* `needed` has to be loaded before n. */
static int visit_needed(struct order *o, struct node *n, struct node *needed)
{
	if (needed->state == STATE_DONE)
		return 0;
	if (needed == n)
		return kf_fail(o->err, "%s needs itself (damaged?)", base(n));
	if (needed->state == STATE_OPEN)
		return kf_fail(o->err, "%s and %s need each other, so neither can be loaded first",
			       base(n), base(needed));
	if (needed == o->nodes[o->given - 1])
		return fail_last(o, n, needed);
	return visit(o, needed);
}

static int visit_names(struct order *o, struct node *n)
{
	const struct modfile *m = &n->mod;
	struct node *needed;
	unsigned i;

	for (i = 0; i < m->depend_count; i++) {
		needed = provide(o, m->depends[i], n);
		if (needed && visit_needed(o, n, needed))
			return -1;
		/* Not found: built into this kernel perhaps. The symbols will tell, when they are
		 * known. */
		read_kernel(o);
		if (!needed && !o->kernel_known)
			return kf_fail(
				o->err,
				"%s needs the module %s, which is not at hand: give it before %s",
				base(n), m->depends[i], base(n));
	}
	return 0;
}

static int visit_symbols(struct order *o, struct node *n)
{
	const char *symbol, *exporter;
	struct node *needed;
	unsigned i;

	read_kernel(o);
	for (i = 0; i < n->mod.undefined_count; i++) {
		symbol = n->mod.undefined[i];
		exporter = symvers_exporter(&o->kernel, symbol);
		if (names_get(&o->exported, symbol) || (exporter && !strcmp(exporter, "vmlinux")))
			continue;
		if (exports_has(symbol) && !given_exporter(o, symbol))
			continue;
		needed = find_exporter(o, symbol, n);
		if (!needed && !o->kernel_known)
			continue;
		if (!needed)
			return fail_symbol(o, n, symbol);
		if (visit_needed(o, n, needed))
			return -1;
	}
	return 0;
}

static int visit(struct order *o, struct node *n)
{
	unsigned i;

	n->state = STATE_OPEN;
	if (visit_names(o, n) || visit_symbols(o, n))
		return -1;
	n->state = STATE_DONE;
	for (i = 0; i < n->mod.export_count; i++)
		names_add(&o->exported, n->mod.exports[i], n->mod.name);
	o->sorted = kf_array(o->sorted, o->sorted_count + 1, sizeof(struct node *));
	o->sorted[o->sorted_count++] = n;
	return 0;
}

static int sort(struct order *o)
{
	unsigned i;

	for (i = 0; i < o->given; i++) {
		if (o->nodes[i]->state == STATE_NEW && visit(o, o->nodes[i]))
			return -1;
	}
	return 0;
}

/* Hand out what is sorted, close what was only looked at. */
static int finish(struct order *o, int ret, struct modfile **out)
{
	unsigned i;

	if (!ret) {
		*out = kf_array(NULL, o->sorted_count, sizeof(**out));
		for (i = 0; i < o->sorted_count; i++) {
			(*out)[i] = o->sorted[i]->mod;
			memset(&o->sorted[i]->mod, 0, sizeof(struct modfile));
		}
		ret = (int)o->sorted_count;
	}
	for (i = 0; i < o->node_count; i++) {
		modfile_close(&o->nodes[i]->mod);
		free(o->nodes[i]);
	}
	free(o->nodes);
	free(o->sorted);
	names_clear(&o->exported);
	symvers_clear(&o->kernel);
	module_index_close(&o->index);
	return ret;
}

int modfile_order(const struct kernel_paths *paths, char *const *files, unsigned count,
		  struct modfile **out, char *err)
{
	struct order o = {.paths = paths, .err = err};
	int ret;

	*out = NULL;
	if (!count)
		return kf_fail(err, "no module is given");
	ret = open_given(&o, files, count);
	if (!ret)
		ret = sort(&o);
	return finish(&o, ret, out);
}

int modfile_find_kernel(const struct modfile *mod, struct kernel_paths *out, char *err)
{
	char why[KF_ERR];

	if (!kernel_find(mod->kernel_version, out, why))
		return 0;
	return kf_fail(err, "%s: built for kernel %s, and %.*s", modfile_base(mod),
		       mod->kernel_version, KF_ERR / 2, why);
}
