// SPDX-License-Identifier: GPL-2.0-only
/*
 * Leftovers that are the kernel's own issue, by kernel version, each with its reason. They are
 * listed apart from the driver's findings and do not fail a sweep. An entry names functions that
 * must all be on the allocating stack; keep it as narrow as the reason is, and remove it when the
 * version it speaks of is no longer supported.
 */
#include "evidence.h"

#include <string.h>
#include "../trace/depot.h"
#include "../trace/symbols.h"

static const struct known_core {
	const char *kernel;	  /* prefix of the version; "" for all */
	const char *functions[2]; /* on the allocating stack; the second may be NULL */
	const char *refused;	  /* on the stack of the refused request; NULL: whichever it was */
	const char *reason;
} known[] = {
	{"6.1",
	 {"module_add_driver", NULL},
	 NULL,
	 "the \"drivers\" directory that module_add_driver() makes in the module's kobject belongs "
	 "to the module object and goes with it when the module is unloaded"},
	{"",
	 {"__kernfs_new_node", "idr_alloc_cyclic"},
	 NULL,
	 "a node of the table of inode numbers that all of sysfs shares; it stays while any number "
	 "in it is "
	 "used"},
	{"",
	 {"create_worker", NULL},
	 NULL,
	 "a workqueue's pool of threads grew by one; the pool keeps it"},
	{"",
	 {"kthreadd", NULL},
	 NULL,
	 "the task of a kernel thread that was started; one that runs the module's code is told by "
	 "itself"},
	{"",
	 {"load_module", "__request_module"},
	 NULL,
	 "what belongs to a module that request_module() has loaded"},
	{"",
	 {"__radix_tree_preload", NULL},
	 NULL,
	 "a node that was laid in for the CPU's next insertion into any radix tree"},
	{"6.1",
	 {"__kernfs_new_node", NULL},
	 "module_add_driver",
	 "module_add_driver() reports no failure: without the \"drivers\" directory it makes its "
	 "link in "
	 "the root of sysfs, where module_remove_driver() does not look, and the link keeps the "
	 "driver"},
	{"6.1",
	 {"__kernfs_new_node", NULL},
	 "module_remove_driver",
	 "module_remove_driver() needs memory for the name of the link that it removes; without it "
	 "the link stays and keeps the driver"},
};

static bool names(uint64_t pc, const char *function)
{
	uint64_t offset;
	const char *name = symbols_kernel_name(pc, &offset);

	return name && !strcmp(name, function);
}

static bool on_stack(const uint64_t *pcs, unsigned n, const char *function)
{
	for (unsigned i = 0; i < n; i++)
		/* A return address may be the first byte of the next function. */
		if (names(pcs[i] - 1, function))
			return true;
	return false;
}

const char *known_core_reason(const char *kernel, uint32_t stack)
{
	const struct refusal *last = inject_last();
	const uint64_t *pcs, *refused_pcs = NULL;
	unsigned n = depot_get(stack, &pcs);
	unsigned refused_n = last ? depot_get(last->stack, &refused_pcs) : 0;

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		const struct known_core *k = &known[i];

		if (strncmp(kernel, k->kernel, strlen(k->kernel)) != 0)
			continue;
		if (k->refused && !on_stack(refused_pcs, refused_n, k->refused))
			continue;
		if (on_stack(pcs, n, k->functions[0]) &&
		    (!k->functions[1] || on_stack(pcs, n, k->functions[1])))
			return k->reason;
	}
	return NULL;
}
