// SPDX-License-Identifier: GPL-2.0-only
/*
 * Is the cut complete? Boots the kernel with ud2 in place of everything that the override layer
 * replaces, and of the internals that only replaced code uses (harness/world/poison.def), then
 * takes a module through init, exit and the loader's unload path. Nothing may reach a poisoned
 * byte.
 *
 *	poison MODULE.ko [MODULE.ko ...]	the last one is taken through; the others are loaded first
 *
 * With no more than one module it also prints the generated list of overridden functions to
 * standard error.
 */
#include <stdio.h>
#include <stdlib.h>
#include "../../harness/world/world.h"

static unsigned override_count;

static void count_override(const char *name, void *arg)
{
	override_count++;
}

static int step(struct target *target, enum target_op op, const char *name)
{
	struct death death = {0};
	int64_t result;

	if (!target->call(op, &result, &death, 5000)) {
		printf("FAIL %s: %s died: %s\n", target->module, name, death.what);
		return -1;
	}
	if (op != TARGET_SETTLE && result) {
		printf("FAIL %s: %s returned %ld\n", target->module, name, (long)result);
		return -1;
	}
	return 0;
}

int main(int argc, char **argv)
{
	struct world_options options = {
		.modules = argv + 1, .module_count = argc - 1, .poison = true};
	struct target *target;
	char err[KF_ERR];
	int failed;

	if (argc < 2) {
		fprintf(stderr, "usage: poison MODULE.ko ...\n");
		return 2;
	}
	if (world_prepare(&options, &target, err)) {
		printf("FAIL %s: %s\n", argv[argc - 1], err);
		return 1;
	}
	world_for_each_override(count_override, NULL);
	target->restore();
	failed = step(target, TARGET_INIT, "init") || step(target, TARGET_EXIT, "exit") ||
		 step(target, TARGET_SETTLE, "settling") ||
		 step(target, TARGET_UNLOAD, "unloading");
	if (!failed && override_count < 200) {
		printf("FAIL only %u functions are overridden\n", override_count);
		failed = 1;
	}
	if (!failed)
		printf("ok   %s with %u replaced functions poisoned\n", target->module,
		       override_count);
	return failed ? 1 : 0;
}
