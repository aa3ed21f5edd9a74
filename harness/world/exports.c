// SPDX-License-Identifier: GPL-2.0-only
/*
 * Functions of the override layer that modules may import as if their kernel exported them: exports.def. The layer's
 * find_symbol() (override/exports.c) asks for the address of a name that neither the kernel nor a module has; who puts
 * modules into load order (depends.c) asks whether there is one.
 */
#include "exports.h"
#include <string.h>
#include "world_internal.h"

static const char *const exported[] = {
#define EXPORT(name) #name,
#include "exports.def"
#undef EXPORT
};
#define EXPORT_COUNT (sizeof(exported) / sizeof(exported[0]))

uint64_t host_export(const char *name);

bool exports_has(const char *name)
{
	for (unsigned i = 0; i < EXPORT_COUNT; i++)
		if (!strcmp(exported[i], name))
			return true;
	return false;
}

void exports_for_each(void (*fn)(const char *name, void *arg), void *arg)
{
	for (unsigned i = 0; i < EXPORT_COUNT; i++)
		fn(exported[i], arg);
}

const char *exports_missing(void)
{
	for (unsigned i = 0; i < EXPORT_COUNT; i++)
		if (!overlay_find(exported[i]))
			return exported[i];
	return NULL;
}

/* For the layer: where an exported function is; 0: there is none of this name. */
uint64_t host_export(const char *name)
{
	return exports_has(name) ? overlay_find(name) : 0;
}
