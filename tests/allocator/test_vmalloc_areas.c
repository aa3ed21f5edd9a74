// SPDX-License-Identifier: GPL-2.0-only
/*
 * Where areas lie: gaps, the cases of taking a piece of one, alignment, windows, the lazy purge, and what that costs when
 * there are many.
 */
#include <stdlib.h>

#include "../../allocator/core/state.h"
#include "test.h"

#define PAGES(n) ((u64)(n) << 12)

static u64 base(void)
{
	return kf_layout()->vmalloc_start;
}

static struct kf_vmalloc_stat stat_now(void)
{
	struct kf_vmalloc_stat stat;

	kf_vmalloc_stat(&stat);
	return stat;
}

/* Address space of exactly the window. */
static struct kf_vm *take(u64 start, u64 end)
{
	return kf_get_vm_area(end - start, KF_VM_NO_GUARD, start, end, NULL);
}

static void give(struct kf_vm *vm)
{
	kf_free_vm_area(vm);
	kf_vm_unmap_aliases();
}

static unsigned gaps_now(void)
{
	unsigned n = 0;

	for (const struct kf_range *r = kf_ranges_first(&kf_state()->areas.gaps); r;
	     r = kf_range_next(r))
		n++;
	return n;
}

/*
 * Expect each way of taking a piece of a gap to leave the right rest, and everything to melt together again.
 *
 *	gap	|------------------------------|
 *	left	|aaaa|-------------------------|
 *	right	|aaaa|--------------------|bbbb|
 *	middle	|aaaa|-------|cccc|-------|bbbb|
 *	whole	|aaaa|ddddddd|cccc|-------|bbbb|
 */
static void four_cases(void)
{
	u64 end = kf_layout()->vmalloc_end, mid = base() + PAGES(100);
	struct kf_vm *a, *b, *c, *d;

	CHECK_EQ(gaps_now(), 2);
	a = take(base(), base() + PAGES(4));
	CHECK_EQ(gaps_now(), 2);
	b = take(end - PAGES(4), end);
	CHECK_EQ(gaps_now(), 2);
	c = take(mid, mid + PAGES(4));
	CHECK_EQ(gaps_now(), 3);
	d = take(base() + PAGES(4), mid);
	CHECK_EQ(gaps_now(), 2);
	CHECK(a && b && c && d);
	CHECK((u64)(uintptr_t)d->addr == base() + PAGES(4) && d->size == PAGES(96));
	CHECK_VALID();
	give(c); /* between two areas: a gap of its own, which melts with the one to the right */
	CHECK_EQ(gaps_now(), 2);
	give(a);
	CHECK_EQ(gaps_now(), 3);
	give(d); /* melts with both */
	CHECK_EQ(gaps_now(), 2);
	give(b);
	CHECK_EQ(gaps_now(), 2);
	CHECK_EQ(stat_now().largest_gap, end - base());
	CHECK_VALID();
}

/* Expect the lowest gap that is large enough, not the best one. */
static void lowest_first(void)
{
	struct kf_vm *areas[6];

	for (int i = 0; i < 6; i++)
		areas[i] = kf_get_vm_area(PAGES(i == 1 ? 20 : 10), 0, 0, 0, NULL);
	give(areas[1]);
	give(areas[3]);
	areas[1] = kf_get_vm_area(PAGES(10), 0, 0, 0, NULL);
	CHECK_EQ((u64)(uintptr_t)areas[1]->addr, base() + PAGES(11));
	areas[3] = kf_get_vm_area(PAGES(10), 0, 0, 0, NULL);
	CHECK(areas[3]->addr > areas[1]->addr && areas[3]->addr > areas[2]->addr);
	for (int i = 0; i < 6; i++)
		give(areas[i]);
}

/* Expect every power of two to be served as long as the range has such an address, and NULL beyond. */
static void alignments(void)
{
	for (unsigned shift = 0; shift < 64; shift++) {
		u64 align = 1ull << shift, first = kf_align_up(base(), align);
		char *p = kf_vmalloc(4096, align, GFP_KERNEL | KF_GFP_NOWARN, false);
		bool possible = first >= base() && first + PAGES(2) <= kf_layout()->vmalloc_end;

		CHECK(!p == !possible);
		CHECK_EQ((u64)(uintptr_t)p % align, 0);
		kf_vfree(p);
		kf_vm_unmap_aliases();
	}
	CU_ASSERT_PTR_NULL(kf_vmalloc(4096, 3 * 4096, GFP_KERNEL, false));
	expect_bug(KF_BUG_WARN);
}

/* Expect an area inside of the window that was asked for, or the kernel's sentence. */
static void windows(void)
{
	const struct kf_layout *l = kf_layout();
	struct kf_vmalloc_args args = {.size = 5000,
				       .align = 1,
				       .gfp = GFP_KERNEL,
				       .prot = KF_PROT_KERNEL,
				       .start = base() + MIB,
				       .end = base() + MIB + PAGES(3)};
	void *p = kf_vmalloc_range(&args), *q;

	CHECK_EQ((u64)(uintptr_t)p, base() + MIB);
	CU_ASSERT_PTR_NULL(kf_vmalloc_range(&args));
	CHECK(strstr(last_line(), "vmalloc error: size 5000, vm_struct allocation failed") != NULL);
	args.gfp |= KF_GFP_NOWARN;
	told.log[0] = 0;
	CU_ASSERT_PTR_NULL(kf_vmalloc_range(&args));
	CHECK_EQ(told.log[0], 0);
	args.start = 0x1000;
	args.end = 0x100000;
	CU_ASSERT_PTR_NULL(kf_vmalloc_range(&args));
	args.start = l->module_start + MIB;
	args.end = l->module_end + MIB; /* cut to what there is */
	q = kf_vmalloc_range(&args);
	CHECK_EQ((u64)(uintptr_t)q, l->module_start + MIB);
	CHECK(kf_is_vmalloc_or_module_addr(q) && !kf_is_vmalloc_addr(q));
	kf_vfree(p);
	kf_vfree(q);
}

/*
 * Expect freed address space to stay unused up to the limit, and to be used again after the purge that
 * going over it brings.
 *
 *	|dead|g|dead|g|.....|dead|g|new|	and then	|new|g|---
 */
static void lazy(void)
{
	u64 limit = stat_now().lazy_max;
	char *first = kf_vmalloc(4096, 1, GFP_KERNEL, false), *p = first;
	u64 rounds = 0;

	CHECK(limit == 1024); /* an eighth of 32 MiB */
	kf_vfree(first);
	CHECK(stat_now().dead == 1 && stat_now().lazy_pages == 2);
	for (p = NULL; p != first && rounds < 2000; rounds++) {
		CHECK(stat_now().lazy_pages <= limit);
		p = kf_vmalloc(4096, 1, GFP_KERNEL, false);
		kf_vfree(p);
	}
	CHECK_EQ(rounds, limit / 2 + 1);
	CHECK_VALID();
}

/* Expect vm_unmap_aliases() to purge at once, and an old pointer to be nothing any more. */
static void purge(void)
{
	char *p = kf_vmalloc(4096, 1, GFP_KERNEL, false);
	struct kf_object obj;

	kf_vfree(p);
	CHECK(kf_object_at(p, &obj) && !obj.live);
	kf_vm_unmap_aliases();
	CHECK(!kf_object_at(p, &obj));
	CHECK(stat_now().dead == 0 && stat_now().lazy_pages == 0);
	CHECK(kf_vmalloc(4096, 1, GFP_KERNEL, false) == p);
	kf_vfree(p);
}

static struct kf_vm *kept;

static u64 give_back(void)
{
	struct kf_vm *vm = kept;

	kept = NULL;
	if (vm)
		kf_free_vm_area(vm);
	return vm ? vm->size >> 12 : 0;
}

/* Expect a purge, and then the notifiers, before a request for address space fails; NULL and the text at last. */
static void exhausted_space(void)
{
	u64 all = kf_layout()->vmalloc_end - base();
	struct kf_vm *vm = kf_get_vm_area(all - PAGES(10), 0, 0, 0, NULL);

	kf_free_vm_area(vm);
	kept = kf_get_vm_area(all - PAGES(10), 0, 0, 0, NULL); /* after a purge */
	CHECK(kept && stat_now().dead == 0);
	kf_hooks.vmap_purge = give_back;
	vm = kf_get_vm_area(all - PAGES(20), 0, 0, 0, NULL);
	CHECK(vm && !kept);
	CU_ASSERT_PTR_NULL(kf_get_vm_area(PAGES(40), 0, 0, 0, NULL));
	CHECK_EQ(strcmp(last_line(),
			"vmap allocation for size 167936 failed: use vmalloc=<size> to "
			"increase size"),
		 0);
	kf_free_vm_area(vm);
	CHECK_VALID();
}

/* Expect no page between an area and the next one with VM_NO_GUARD. */
static void no_guard(void)
{
	struct kf_vm *a = kf_get_vm_area(PAGES(2), KF_VM_NO_GUARD, 0, 0, NULL);
	struct kf_vm *b = kf_get_vm_area(PAGES(2), 0, 0, 0, NULL);

	CHECK(a->size == PAGES(2) && b->size == PAGES(3));
	CHECK(b->addr == (char *)a->addr + PAGES(2));
	kf_free_vm_area(a);
	kf_free_vm_area(b);
}

/* Expect the walker to see what is wrong. */
static void walker(void)
{
	struct kf_areas *as = &kf_state()->areas;
	void *p = kf_vmalloc(4096, 1, GFP_KERNEL, false);
	struct kf_area *area = (struct kf_area *)as->areas.root;
	u64 max = as->gaps.root->max;

	CHECK_VALID();
	as->busy++;
	CU_ASSERT_PTR_NOT_NULL(kf_vmalloc_validate());
	as->busy--;
	as->gaps.root->max++;
	CU_ASSERT_PTR_NOT_NULL(kf_vmalloc_validate());
	as->gaps.root->max = max;
	area->vm.size++;
	CU_ASSERT_PTR_NOT_NULL(kf_vmalloc_validate());
	area->vm.size--;
	area->range.end += PAGES(1);
	CU_ASSERT_PTR_NOT_NULL(kf_vmalloc_validate());
	area->range.end -= PAGES(1);
	kf_vfree(p);
}

/*
 * Random areas against a map of pages, one byte each. Expect the lowest place that is free in the map, every time, and none
 * where the map has none.
 */
#define MAP_PAGES 256
static void random_places(void)
{
	u8 map[MAP_PAGES] = {0};
	struct kf_vm *areas[64] = {0};
	u64 start = base(), end = base() + PAGES(MAP_PAGES);

	for (u64 op = 0; op < operations(20000); op++) {
		unsigned i = (unsigned)random_below(64), n = 1 + (unsigned)random_below(12);
		unsigned at = 0, len = 0;

		if (areas[i]) {
			at = (unsigned)(((u64)(uintptr_t)areas[i]->addr - start) >> 12);
			memset(map + at, 0, areas[i]->size >> 12);
			give(areas[i]);
			areas[i] = NULL;
			continue;
		}
		for (at = 0; at < MAP_PAGES && len < n; at++)
			len = map[at] ? 0 : len + 1;
		areas[i] = kf_get_vm_area(PAGES(n), KF_VM_NO_GUARD, start, end, NULL);
		CHECK(!areas[i] == (len < n));
		if (!areas[i])
			continue;
		CHECK_EQ((u64)(uintptr_t)areas[i]->addr, start + PAGES(at - n));
		memset(map + at - n, 1, n);
		if (op % 256 == 0)
			CHECK_VALID();
	}
	for (int i = 0; i < 64; i++)
		if (areas[i])
			give(areas[i]);
	CHECK_EQ(gaps_now(), 2);
}

/* ---- many ------------------------------------------------------------------------------------------ */

#define MANY 100000u

static unsigned height(const struct kf_range *node)
{
	unsigned left, right;

	if (!node)
		return 0;
	left = height(node->left);
	right = height(node->right);
	return 1 + (left > right ? left : right);
}

/*
 * Expect 100,000 areas at once to be found in a few steps, holes among them to be filled from below, and one gap
 * in the end.
 */
static void many(void)
{
	struct kf_vm **areas = malloc(MANY * sizeof(*areas));

	for (u32 i = 0; i < MANY; i++) {
		areas[i] = kf_get_vm_area(4096, 0, 0, 0, NULL);
		REQUIRE(areas[i] && (u64)(uintptr_t)areas[i]->addr == base() + PAGES(2 * i));
	}
	CHECK_EQ(stat_now().busy, MANY);
	CHECK(height(kf_state()->areas.areas.root) < 60); /* log2 is 17 */
	CHECK_VALID();
	for (u32 i = 0; i < MANY; i += 2)
		kf_free_vm_area(areas[i]);
	kf_vm_unmap_aliases();
	CHECK_EQ(gaps_now(), MANY / 2 + 2);
	CHECK(height(kf_state()->areas.gaps.root) < 60);
	CHECK_VALID();
	for (u32 i = 0; i < MANY; i += 2) {
		areas[i] = kf_get_vm_area(4096, 0, 0, 0, NULL);
		CHECK_EQ((u64)(uintptr_t)areas[i]->addr, base() + PAGES(2 * i));
	}
	for (u32 i = MANY - 1; i; i--) { /* in random order */
		u64 j = random_below(i + 1);
		struct kf_vm *vm = areas[i];

		areas[i] = areas[j];
		areas[j] = vm;
	}
	for (u32 i = 0; i < MANY; i++) {
		CHECK(kf_find_vm_area(areas[i]->addr) == areas[i]);
		kf_free_vm_area(areas[i]);
	}
	kf_vm_unmap_aliases();
	CHECK_EQ(gaps_now(), 2);
	CHECK_VALID();
	free(areas);
}

static void large_world(void)
{
	struct kf_layout large = test_layout;

	large.meta_size = 128 * MIB;
	large.vmalloc_start = test_layout.direct_map + (1ull << 36);
	large.vmalloc_end = large.vmalloc_start + (4ull << 30);
	fixture_start_in(&large);
}

static const CU_TestInfo tests[] = {
	{"four cases", four_cases},
	{"lowest first", lowest_first},
	{"alignments", alignments},
	{"windows", windows},
	{"lazy", lazy},
	{"purge", purge},
	{"exhausted space", exhausted_space},
	{"no guard", no_guard},
	{"walker", walker},
	{"random places", random_places},
	CU_TEST_INFO_NULL,
};

const struct suite areas_suite = {"areas", fixture_start, fixture_stop, tests};

static const CU_TestInfo many_tests[] = {
	{"many", many},
	CU_TEST_INFO_NULL,
};

const struct suite many_areas_suite = {"many areas", large_world, fixture_stop, many_tests};
