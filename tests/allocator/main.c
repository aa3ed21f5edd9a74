// SPDX-License-Identifier: GPL-2.0-only
/*
 * The list of suites, in the order in which the allocators build on each other.
 *
 *	KFAIL_SEED=N	seed of the property tests (printed when one of them fails)
 *	KFAIL_OPS=N	operations per property test
 *	argument	run only the suites whose names contain it
 */
#include <stdio.h>
#include <stdlib.h>

#include "test.h"

/* clang-format off */
static const struct suite *const suites[] = {
	&memblock_suite,
	&zones_suite,
	&page_suite,
	&exact_suite,
	&cache_suite,
	&object_suite,
	&kmalloc_suite,
	&damage_suite,
	&vmalloc_suite,
	&areas_suite,
	&many_areas_suite,
	&vmap_suite,
	&vfree_suite,
	&vfree_settings_suite,
	&mapping_suite,
	&veil_suite,
	&fence_suite,
	&walkers_suite,
	&percpu_suite,
	&hooks_suite,
	&threads_suite,
	&property_suite,
	&model_suite,
	&scarcity_suite,
	&slub_debug_suite,
	&slub_damage_suite,
	&merge_suite,
	&usercopy_suite,
	&slab_stats_suite,
	&profile_suite,
	&bootmem_suite,
	&mempool_suite,
	&page_frag_suite,
	&dma_pool_suite,
	&kmap_suite,
	&kmap_direct_suite,
	&heap_suite,
	&reserves_suite,
	&plain_zones_suite,
	&exhaustion_suite,
	&migrate_suite,
	&hotplug_suite,
	&slowpath_suite,
	&view_suite,
	&plain_suite,
};
/* clang-format on */

static bool add_suite(const struct suite *suite)
{
	CU_pSuite added = CU_add_suite_with_setup_and_teardown(suite->name, NULL, NULL,
							       suite->setup, suite->teardown);

	if (!added)
		return false;
	for (const CU_TestInfo *t = suite->tests; t->pName; t++)
		if (!CU_add_test(added, t->pName, t->pTestFunc))
			return false;
	return true;
}

int main(int argc, char **argv)
{
	const char *wanted = argc > 1 ? argv[1] : "";
	unsigned failures;

	if (getenv("KFAIL_SEED"))
		seed = strtoull(getenv("KFAIL_SEED"), NULL, 0);
	if (CU_initialize_registry() != CUE_SUCCESS)
		return 2;
	for (size_t i = 0; i < sizeof(suites) / sizeof(*suites); i++)
		if (strstr(suites[i]->name, wanted) && !add_suite(suites[i]))
			return 2;
	CU_basic_set_mode(CU_BRM_NORMAL);
	CU_basic_run_tests();
	failures = CU_get_number_of_failures() + CU_get_number_of_suites_failed();
	if (failures)
		fprintf(stderr, "rerun: KFAIL_SEED=%llu %s %s\n", (unsigned long long)seed, argv[0],
			wanted);
	CU_cleanup_registry();
	return failures != 0;
}
