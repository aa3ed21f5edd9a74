// SPDX-License-Identifier: GPL-2.0-only
/*
 * Second mappings: mark and rollback, worlds that are restored, forked and taken over.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "test.h"

#define RW (PROT_READ | PROT_WRITE)

/* ---- a copy of a world, as a snapshotter would keep it --------------------------------------- */

struct piece {
	u64 addr, size;
	char *copy;
};
#define PIECES 6

static void find_pieces(struct piece pieces[PIECES])
{
	const struct kf_layout *l = &test_layout;

	for (int z = 0; z < KF_NR_ZONES; z++)
		pieces[z] = (struct piece){.addr = l->direct_map + l->zone[z].start,
					   .size = l->zone[z].end - l->zone[z].start};
	pieces[3] = (struct piece){.addr = l->vmemmap, .size = (l->phys_end >> 12) * 64};
	pieces[4] = (struct piece){.addr = l->meta, .size = l->meta_size};
	pieces[5] = (struct piece){.addr = l->percpu, .size = l->percpu_unit * l->nr_cpus};
}

static void save_world(struct piece pieces[PIECES])
{
	find_pieces(pieces);
	for (int i = 0; i < PIECES; i++) {
		pieces[i].copy = malloc(pieces[i].size);
		memcpy(pieces[i].copy, (void *)pieces[i].addr, pieces[i].size);
	}
}

static void load_world(struct piece pieces[PIECES])
{
	for (int i = 0; i < PIECES; i++)
		if (memcmp((void *)pieces[i].addr, pieces[i].copy, pieces[i].size))
			memcpy((void *)pieces[i].addr, pieces[i].copy, pieces[i].size);
}

static void drop_world(struct piece pieces[PIECES])
{
	for (int i = 0; i < PIECES; i++)
		free(pieces[i].copy);
}

/* ---- tests -------------------------------------------------------------------------------------- */

/*
 * Expect what was mapped after the mark to be gone, and what was unmapped after it to be back.
 *
 *	mark      |A|.|.|
 *	then      |.|B|.|
 *	rollback  |A|.|.|
 */
static void rollback(void)
{
	u64 va = test_layout.vmalloc_start;
	struct page *a = kf_alloc_pages(GFP_KERNEL, 0), *b = kf_alloc_pages(GFP_KERNEL, 0);

	CHECK_EQ(kf_map(va, &a, 1, RW), 0);
	*(char *)va = 'A';
	kf_mapping_mark();
	kf_unmap(va, 4096);
	CHECK_EQ(kf_map(va + 4096, &b, 1, RW), 0);
	CHECK(!mapped((void *)va) && mapped((void *)(va + 4096)));
	kf_mapping_rollback();
	CHECK(mapped((void *)va) && !mapped((void *)(va + 4096)));
	CHECK_EQ(*(char *)va, 'A');
	*(char *)kf_page_address(a) = 'a';
	CHECK_EQ(*(char *)va, 'a');
	kf_mapping_rollback(); /* empty: nothing happens */
	CHECK(mapped((void *)va));
	kf_unmap(va, 4096);
	kf_free_pages(a, 0);
	kf_free_pages(b, 0);
}

/* Expect a mapping that was replaced twice to be the first one again. */
static void rollback_of_replacements(void)
{
	u64 va = test_layout.vmalloc_start;
	struct page *page[3];

	for (int i = 0; i < 3; i++) {
		page[i] = kf_alloc_pages(GFP_KERNEL, 0);
		*(char *)kf_page_address(page[i]) = (char)i;
	}
	kf_map(va, &page[0], 1, RW);
	kf_mapping_mark();
	for (int round = 0; round < 5; round++)
		for (int i = 1; i < 3; i++) {
			kf_map(va, &page[i], 1, RW);
			CHECK_EQ(*(char *)va, i);
			kf_unmap(va, 4096);
		}
	kf_mapping_rollback();
	CHECK_EQ(*(char *)va, 0);
	kf_unmap(va, 4096);
	for (int i = 0; i < 3; i++)
		kf_free_pages(page[i], 0);
}

/*
 * Expect the inner mark to be come back to as often as wanted, and the outer one in the end.
 *
 *	outer mark       |A|.|.|
 *	inner mark       |A|B|.|
 *	then, each time  |.|C|B|
 *	inner rollback   |A|B|.|
 *	outer rollback   |A|.|.|
 */
static void rollback_to_inner_mark(void)
{
	u64 va = test_layout.vmalloc_start;
	struct page *page[3];

	for (int i = 0; i < 3; i++) {
		page[i] = kf_alloc_pages(GFP_KERNEL, 0);
		*(char *)kf_page_address(page[i]) = (char)('A' + i);
	}
	kf_map(va, &page[0], 1, RW);
	kf_mapping_mark();
	kf_map(va + 4096, &page[1], 1, RW);
	kf_mapping_mark_inner();
	for (int round = 0; round < 4; round++) {
		kf_unmap(va, 4096);
		kf_unmap(va + 4096, 4096);
		kf_map(va + 4096, &page[2], 1, RW);
		kf_map(va + 8192, &page[1], 1, RW);
		CHECK_EQ(*(char *)(va + 4096), 'C');
		kf_mapping_rollback_inner();
		CHECK_EQ(*(char *)va, 'A');
		CHECK_EQ(*(char *)(va + 4096), 'B');
		CHECK(!mapped((void *)(va + 8192)));
	}
	/* A mark that is taken later takes the place of the first. */
	kf_map(va + 8192, &page[2], 1, RW);
	kf_mapping_mark_inner();
	kf_unmap(va + 8192, 4096);
	kf_mapping_rollback_inner();
	CHECK_EQ(*(char *)(va + 8192), 'C');
	kf_mapping_rollback();
	CHECK_EQ(*(char *)va, 'A');
	CHECK(!mapped((void *)(va + 4096)) && !mapped((void *)(va + 8192)));
	/* The outer one has given it up: nothing is left to be undone. */
	kf_unmap(va, 4096);
	kf_mapping_rollback_inner();
	CHECK(!mapped((void *)va));
	for (int i = 0; i < 3; i++)
		kf_free_pages(page[i], 0);
}

/* A run of a sweep: mark, work, roll back, restore. Expect the world and its mappings as before, each time. */
static void restored_world(void)
{
	char *kept = kf_vmalloc(3 * 4096, 1, GFP_KERNEL, false), *first = NULL;
	struct piece world[PIECES];

	memset(kept, 'k', 3 * 4096);
	save_world(world);
	for (int run = 0; run < 4; run++) {
		char *p, *q;

		kf_mapping_mark();
		p = kf_vmalloc(5 * 4096, 1, GFP_KERNEL, false);
		q = kf_kmalloc(100, GFP_KERNEL);
		CHECK(!first || first == p); /* runs repeat bit by bit */
		first = p;
		memset(p, 'p', 5 * 4096);
		memset(kept, 'x', 4096);
		if (run & 1)
			kf_vfree(kept);
		if (run & 2)
			kf_kfree(q);
		kf_mapping_rollback();
		load_world(world);
		CHECK(all_bytes(kept, 'k', 3 * 4096));
		CHECK(!mapped(p));
		CHECK_VALID();
	}
	forget_calls();
	told.allocated = 1;
	kf_vfree(kept);
	drop_world(world);
}

struct run {
	u64 va, phys, size;
	int prot;
};
static struct run runs[64];
static unsigned nr_runs;

static void note_run(u64 va, u64 phys, u64 size, int prot, void *arg)
{
	runs[nr_runs++] = (struct run){va, phys, size, prot};
}

static void list_runs(void)
{
	nr_runs = 0;
	kf_mapping_for_each(note_run, NULL);
}

/* Expect one run per piece of consecutive frames, with its protection. */
static void enumeration(void)
{
	void *area, *code;

	list_runs();
	CHECK_EQ(nr_runs, 0);
	area = kf_vmalloc(4 * 4096, 1, GFP_KERNEL, false);
	code = kf_vmalloc(4096, 1, GFP_KERNEL, true);
	list_runs();
	CHECK(nr_runs >= 2);
	CHECK(runs[0].va == (u64)(uintptr_t)area && runs[0].prot == RW);
	CHECK_EQ(runs[0].phys, kf_page_to_pfn(kf_vmalloc_to_page(area)) << 12);
	CHECK(runs[nr_runs - 1].va == (u64)(uintptr_t)code &&
	      runs[nr_runs - 1].prot == (RW | PROT_EXEC));
	kf_vfree(area);
	kf_vfree(code);
	list_runs();
	CHECK_EQ(nr_runs, 0);
}

/* Expect each run of frames to be told before it can be written through a second address, and each change. */
static void hooks(void)
{
	void *p = kf_vmalloc(3 * 4096, 1, GFP_KERNEL, false);

	CHECK_EQ(told.exposed_bytes, 3 * 4096);
	CHECK_EQ(told.remapped, 1);
	kf_vfree(p);
	CHECK_EQ(told.remapped, 2);
	CHECK_EQ(told.exposed_bytes, 3 * 4096);
}

/*
 * What a rollback maps again has lost the write protection that a snapshot had given it. Expect the frames to be told before
 * they can be written there; and nothing when a rollback has nothing to do.
 */
static void rollback_exposes(void)
{
	void *p = kf_vmalloc(3 * 4096, 1, GFP_KERNEL, false);

	kf_mapping_mark();
	told.exposed_bytes = 0;
	kf_mapping_rollback();
	CHECK_EQ(told.exposed_bytes, 0);
	kf_unmap((u64)(uintptr_t)p, 3 * 4096);
	kf_mapping_rollback();
	CHECK_EQ(told.exposed_bytes, 3 * 4096);
	CHECK(mapped(p));
	kf_vfree(p);
}

static bool in_pagemap(const void *addr)
{
	int fd = open("/proc/self/pagemap", O_RDONLY);
	u64 entry = 0;
	ssize_t got = pread(fd, &entry, 8, (off_t)((uintptr_t)addr / 4096 * 8));

	close(fd);
	return got == 8 && entry >> 62;
}

/*
 * A writer of world files saves the pages that /proc/self/pagemap shows. Expect frames that are written only
 * at their second address to be shown in the direct map.
 */
static void present_in_pagemap(void)
{
	char *p = kf_vmalloc(5 * 4096, 1, GFP_KERNEL, false);

	memset(p, 1, 5 * 4096);
	for (int i = 0; i < 5; i++)
		CHECK(in_pagemap(kf_page_address(kf_vmalloc_to_page(p + i * 4096))));
	kf_vfree(p);
}

/* Expect an error for addresses and frames that are not there. */
static void nonsense(void)
{
	struct page *frame = kf_pfn_to_page(4096), *hole = kf_pfn_to_page(10 * MIB >> 12);
	struct page *far = kf_pfn_to_page(1ull << 40), *askew = (void *)((char *)frame + 8);

	CHECK(kf_map(0x1000, &frame, 1, RW) < 0);
	CHECK(kf_map(test_layout.vmalloc_start, &hole, 1, RW) < 0);
	CHECK(kf_map(test_layout.vmalloc_start, &far, 1, RW) < 0);
	CHECK(kf_map(test_layout.vmalloc_start, &askew, 1, RW) < 0);
	CHECK(kf_map(test_layout.vmalloc_start, &frame, 0, RW) < 0);
	kf_unmap(0x1000, 4096);
	CHECK(!mapped((void *)test_layout.vmalloc_start));
}

static int wait_for(pid_t child)
{
	int status = -1;

	waitpid(child, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* What the child of `forked` does; its exit status names the first thing that is wrong. */
static int child_of_its_own(char *p, char *direct)
{
	if (p[0] != 'p')
		return 1;
	if (kf_memory_unshare())
		return 2;
	if (p[0] != 'p' || direct[0] != 'p')
		return 3;
	p[0] = 'c';
	if (direct[0] != 'c')
		return 4;
	kf_vfree(p);
	p = kf_vmalloc(20000, 1, GFP_KERNEL | GFP_ZERO, false);
	if (!p || !all_bytes(p, 0, 20000))
		return 5;
	memset(p, 'c', 20000);
	return kf_validate_all() ? 6 : 0;
}

/* Expect a forked child to have its own copy after kf_memory_unshare(), aliases included. */
static void forked(void)
{
	char *p = kf_vmalloc(8192, 1, GFP_KERNEL, false);
	char *direct = kf_page_address(kf_vmalloc_to_page(p));
	pid_t child;

	memset(p, 'p', 8192);
	child = fork();
	if (!child)
		_exit(child_of_its_own(p, direct));
	CHECK_EQ(wait_for(child), 0);
	CHECK(all_bytes(p, 'p', 8192));
	kf_vfree(p);
}

static bool map_piece(const struct piece *piece)
{
	u64 size = (piece->size + 4095) & ~4095ull;

	if (mmap((void *)piece->addr, size, RW,
		 MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE | MAP_NORESERVE, -1,
		 0) != (void *)piece->addr)
		return false;
	memcpy((void *)piece->addr, piece->copy, piece->size);
	return true;
}

/* A process that has only the bytes and the list of runs. */
static int take_over(struct piece world[PIECES], char *p, struct page *page)
{
	kf_memory_exit();
	for (int i = 0; i < PIECES; i++)
		if (!map_piece(&world[i]))
			return 1;
	if (kf_memory_attach(&test_layout))
		return 2;
	for (unsigned i = 0; i < nr_runs; i++)
		for (u64 at = 0; at < runs[i].size; at += 4096) {
			struct page *page = kf_pfn_to_page((runs[i].phys + at) >> 12);

			if (kf_map(runs[i].va + at, &page, 1, runs[i].prot))
				return 3;
		}
	if (!all_bytes(p, 's', 8192) || kf_validate_all())
		return 4;
	p[1] = 'n';
	if (((char *)kf_page_address(page))[1] != 'n')
		return 5;
	kf_vfree(p);
	return kf_kmalloc(10, GFP_KERNEL) ? 0 : 6;
}

/* Expect a world that was written down to live on in another process. */
static void attached(void)
{
	char *p = kf_vmalloc(8192, 1, GFP_KERNEL, false);
	struct piece world[PIECES];
	pid_t child;

	memset(p, 's', 8192);
	list_runs();
	save_world(world);
	child = fork();
	if (!child)
		_exit(take_over(world, p, kf_vmalloc_to_page(p)));
	CHECK_EQ(wait_for(child), 0);
	drop_world(world);
	kf_vfree(p);
}

static const CU_TestInfo tests[] = {
	{"rollback", rollback},
	{"rollback of replacements", rollback_of_replacements},
	{"rollback to a mark inside a mark", rollback_to_inner_mark},
	{"restored world", restored_world},
	{"enumeration", enumeration},
	{"hooks", hooks},
	{"a rollback exposes", rollback_exposes},
	{"present in pagemap", present_in_pagemap},
	{"nonsense", nonsense},
	{"forked", forked},
	{"attached", attached},
	CU_TEST_INFO_NULL,
};

const struct suite mapping_suite = {"mapping", fixture_start, fixture_stop, tests};
