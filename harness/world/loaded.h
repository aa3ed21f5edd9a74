/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Modules that are loaded into the world (loaded.c).
 */
#ifndef KFAIL_WORLD_LOADED_H
#define KFAIL_WORLD_LOADED_H

#include "modfile.h"
#include "world_internal.h"

struct loaded {
	char *name, *path; /* path NULL: loaded by request_module, file unknown */
	struct kf_module_info info;
	struct module_section *sections;
	unsigned section_count;
};

/* Load a module by the kernel's loader. KERNEL_RETURNED: *result is what load_module() returned. With `judged`, KERNEL_YIELDED: its init is about to run
 * and waits for the agent's first operation. */
enum kernel_how loaded_load(const struct modfile *file, char *const *params, unsigned param_count,
			    bool judged, int64_t *result);

/* Does the module's code call the checks of instrumented code? */
bool loaded_is_instrumented(const struct modfile *file);
/* Before it is loaded: if its code is instrumented, there is a shadow from now on. Before the snapshot. False (err). */
bool loaded_shadow(const struct modfile *file, char *err);

/* Look through the kernel's list for modules that are not known yet. */
void loaded_update(void);
void loaded_remember_file(const char *name, const char *path);

/* The module whose code or data contains addr; by name; the i-th. NULL: none. */
const struct loaded *loaded_find(uint64_t addr);
const struct loaded *loaded_by_name(const char *name);
const struct loaded *loaded_get(unsigned i);

#endif
