// SPDX-License-Identifier: GPL-2.0-only
/*
 * Veils: frames that are mapped again where they were before get their access when somebody touches them. What a caller sees
 * must be the same with and without: what is mapped can be used, what was unmapped faults.
 *
 * Under valgrind and the sanitizers too: the handler is ours, and a wild access leaves by siglongjmp().
 */
#include <setjmp.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "test.h"

#define RW (PROT_READ | PROT_WRITE)
#define N  3

static struct sigaction before;
static sigjmp_buf wild;
static volatile unsigned lifted;
static struct page *pages[N];
static u64 va;

static void on_fault(int signal, siginfo_t *info, void *context)
{
	if (!kf_mapping_fault((u64)(uintptr_t)info->si_addr))
		siglongjmp(wild, 1);
	lifted++;
}

/* Can this byte be read (and written, as it is)? */
static bool usable(u64 at)
{
	volatile char *p = (volatile char *)at;

	if (sigsetjmp(wild, 1))
		return false;
	*p = *p;
	return true;
}

static void map(void)
{
	CHECK_EQ(kf_map(va, pages, N, RW), 0);
}

static void unmap(void)
{
	kf_unmap(va, N * KF_PAGE_SIZE);
}

/* N frames that were mapped at va and unmapped again, so that the next mapping is veiled. */
static void start(void)
{
	const struct sigaction action = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO};

	CHECK_EQ(sigaction(SIGSEGV, &action, &before), 0);
	kf_mapping_veil(true);
	va = test_layout.vmalloc_start + 64 * KF_PAGE_SIZE;
	for (int i = 0; i < N; i++)
		pages[i] = kf_alloc_pages(GFP_KERNEL, 0);
	map();
	unmap();
	lifted = 0;
}

static void stop(void)
{
	for (int i = 0; i < N; i++)
		kf_free_pages(pages[i], 0);
	kf_mapping_veil(false);
	sigaction(SIGSEGV, &before, NULL);
}

/* Expect one fault for the whole area, none in its later lives, and one memory at both addresses. */
static void first_touch(void)
{
	start();
	map();
	*(char *)kf_page_address(pages[1]) = 'x';
	CHECK_EQ(lifted, 0);
	CHECK_EQ(*(volatile char *)(va + KF_PAGE_SIZE), 'x');
	CHECK_EQ(lifted, 1);
	CHECK(usable(va) && usable(va + N * KF_PAGE_SIZE - 1));
	CHECK_EQ(lifted, 1);
	unmap();
	map();
	CHECK(usable(va));
	CHECK_EQ(lifted, 1);
	unmap();
	stop();
}

/* Expect every access to what was unmapped to be a wild one, whether it was ever touched or not. */
static void unmapped(void)
{
	start();
	CHECK(!usable(va));
	for (int life = 0; life < 3; life++) {
		map();
		unmap();
		CHECK(!usable(va) && !usable(va + 2 * KF_PAGE_SIZE));
	}
	map();
	CHECK(usable(va));
	unmap();
	CHECK(!usable(va));
	CHECK_EQ(kf_mapped_frame((void *)va), ~0ull);
	stop();
}

/*
 * One page of a veiled area goes:
 *
 *	veiled    |0|1|2|
 *	then      |0|.|2|
 *
 * Expect the others to be usable, and that one not.
 */
static void a_part(void)
{
	start();
	map();
	kf_unmap(va + KF_PAGE_SIZE, KF_PAGE_SIZE);
	CHECK(usable(va));
	CHECK(!usable(va + KF_PAGE_SIZE));
	CHECK(usable(va + 2 * KF_PAGE_SIZE));
	unmap();
	CHECK(!usable(va) && !usable(va + 2 * KF_PAGE_SIZE));
	stop();
}

/* Expect other frames, and another protection, to be mapped as they are, and only when somebody looks. */
static void something_else(void)
{
	struct page *other[N];

	start();
	other[0] = pages[2];
	other[1] = pages[1];
	other[2] = pages[0];
	*(char *)kf_page_address(pages[2]) = '2';
	CHECK_EQ(kf_map(va, other, N, RW), 0);
	CHECK_EQ(lifted, 0);
	CHECK_EQ(*(volatile char *)va, '2');
	CHECK_EQ(lifted, 1);
	unmap();
	CHECK_EQ(kf_map(va, other, N, PROT_READ), 0);
	CHECK_EQ(*(volatile char *)va, '2');
	CHECK(!usable(va));
	unmap();
	stop();
}

/* Expect a veiled area to be gone after a rollback, and one that was there at the mark to be back. */
static void rolled_back(void)
{
	start();
	kf_mapping_mark();
	map();
	kf_mapping_rollback();
	CHECK(!usable(va));
	map();
	CHECK(usable(va));
	kf_mapping_mark();
	unmap();
	map();
	unmap();
	kf_mapping_rollback();
	CHECK(usable(va));
	unmap();
	stop();
}

/* Expect a part of an area of other frames to go alone, and the frames that are parked there never to be seen. */
static void a_part_of_others(void)
{
	struct page *other[N];

	start();
	for (int i = 0; i < N; i++) {
		other[i] = kf_alloc_pages(GFP_KERNEL, 0);
		*(char *)kf_page_address(other[i]) = (char)('a' + i);
	}
	CHECK_EQ(kf_map(va, other, N, RW), 0);
	kf_unmap(va + KF_PAGE_SIZE, KF_PAGE_SIZE);
	CHECK(!usable(va + KF_PAGE_SIZE));
	CHECK_EQ(*(volatile char *)(va + 2 * KF_PAGE_SIZE), 'c');
	CHECK_EQ(*(volatile char *)va, 'a');
	unmap();
	CHECK(!usable(va) && !usable(va + 2 * KF_PAGE_SIZE));
	map();
	*(char *)kf_page_address(pages[1]) = 'p';
	CHECK_EQ(*(volatile char *)(va + KF_PAGE_SIZE), 'p');
	unmap();
	for (int i = 0; i < N; i++)
		kf_free_pages(other[i], 0);
	stop();
}

static void count_usable(u64 at, u64 phys, u64 size, int prot, void *arg)
{
	*(u64 *)arg += !mprotect((void *)at, size, prot & ~PROT_WRITE) ? size : 0;
	CHECK_EQ(*(volatile char *)at, 'v');
}

/* Expect whoever is told of a mapping, and changes its protection, to find the right frames there. */
static void listed(void)
{
	struct page *other[N];
	u64 bytes = 0;

	start();
	for (int i = 0; i < N; i++) {
		other[i] = kf_alloc_pages(GFP_KERNEL, 0);
		*(char *)kf_page_address(other[i]) = 'v';
	}
	CHECK_EQ(kf_map(va, other, N, RW), 0);
	kf_mapping_for_each(count_usable, &bytes);
	CHECK_EQ(bytes, N * KF_PAGE_SIZE);
	unmap();
	for (int i = 0; i < N; i++)
		kf_free_pages(other[i], 0);
	stop();
}

/* What a child sees that has taken the memory for its own: the veiled area, until it unmaps it. */
static int child_of_veiled(void)
{
	if (kf_memory_unshare() || !usable(va) || *(volatile char *)va != 'c')
		return 1;
	unmap();
	return usable(va);
}

static void forked(void)
{
	int status = 1;
	pid_t child;

	start();
	map();
	*(char *)kf_page_address(pages[0]) = 'c';
	child = fork();
	if (!child)
		_exit(child_of_veiled());
	CHECK_EQ(waitpid(child, &status, 0), child);
	CHECK_EQ(status, 0);
	CHECK(usable(va));
	unmap();
	stop();
}

/* vmalloc's own guard behind the requested size is no touch, and still sees who writes there. */
static void guard_is_no_touch(void)
{
	char *p;

	start();
	for (int life = 0; life < 3; life++) {
		p = kf_vmalloc(1000, 1, GFP_KERNEL, false);
		kf_vfree(p);
		kf_vm_unmap_aliases(); /* the same place again */
	}
	CHECK_EQ(lifted, 0);
	p = kf_vmalloc(1000, 1, GFP_KERNEL, false);
	p[1000] = 'x';
	CHECK_EQ(lifted, 1);
	kf_vfree(p);
	expect_bug(KF_BUG_REDZONE);
	stop();
}

static const CU_TestInfo tests[] = {
	{"first touch", first_touch},
	{"unmapped", unmapped},
	{"a part", a_part},
	{"something else", something_else},
	{"a part of others", a_part_of_others},
	{"listed", listed},
	{"rolled back", rolled_back},
	{"forked", forked},
	{"a guard is no touch", guard_is_no_touch},
	CU_TEST_INFO_NULL,
};

const struct suite veil_suite = {"veil", fixture_start, fixture_stop, tests};
