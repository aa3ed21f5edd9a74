// SPDX-License-Identifier: GPL-2.0-only
/*
 * Virtual areas: vmalloc, vmap, ioremap, and what lies behind their addresses.
 */
#include "test.h"

/* Expect a page-aligned area at the lowest address, its own pages, and an unmapped page after it. */
static void simple(void)
{
	u64 free = free_pages_now();
	char *p = kf_vmalloc(10000, 1, GFP_KERNEL, false);

	CHECK_EQ((u64)(uintptr_t)p, test_layout.vmalloc_start);
	CHECK(told.born.kind == KF_VMALLOC && told.born.size == 10000 && told.born.usable == 12288);
	CHECK_EQ(free_pages_now(), free - 3);
	memset(p, 1, 10000);
	CHECK(mapped(p + 12287) && !mapped(p + 12288));
	CHECK(kf_is_vmalloc_addr(p));
	kf_vfree(p);
	CHECK_EQ(free_pages_now(), free);
	CHECK(!mapped(p));
}

/*
 * Expect an unmapped page between two areas, so that running off the first one faults.
 *
 *	|first|guard|second|
 */
static void guard_page(void)
{
	char *first = kf_vmalloc(4096, 1, GFP_KERNEL, false);
	char *second = kf_vmalloc(4096, 1, GFP_KERNEL, false);

	CHECK(second == first + 8192);
	CHECK(mapped(first) && !mapped(first + 4096) && mapped(second));
	kf_vfree(first);
	kf_vfree(second);
}

/* Expect zeros with __GFP_ZERO, also in pages that were used before. */
static void zeroed(void)
{
	char *p = kf_vmalloc(8192, 1, GFP_KERNEL, false);

	memset(p, 7, 8192);
	kf_vfree(p);
	p = kf_vmalloc(8000, 1, GFP_KERNEL | GFP_ZERO, false);
	CHECK(all_bytes(p, 0, 8000));
	kf_vfree(p);
}

/* Expect a warning and NULL for no bytes, NULL for more than there is, and vfree(NULL) to be fine. */
static void limits(void)
{
	CU_ASSERT_PTR_NULL(kf_vmalloc(0, 1, GFP_KERNEL, false));
	expect_bug(KF_BUG_WARN);
	CU_ASSERT_PTR_NULL(kf_vmalloc(64 * MIB, 1, GFP_KERNEL, false));
	CHECK_EQ(told.bugs, 1); /* a line in the log only */
	CU_ASSERT_PTR_NULL(kf_vmalloc(~0ul, 1, GFP_KERNEL | KF_GFP_NOWARN, false));
	kf_vfree(NULL);
	kf_vunmap(NULL);
	kf_iounmap(NULL);
	CHECK_EQ(told.should_fail, 0);
}

/* Expect NULL and every page back when the range or the memory is used up in the middle. */
static void exhausted(void)
{
	u64 free = free_pages_now();
	void *areas[64];
	unsigned n = 0;

	while (n < 64 && (areas[n] = kf_vmalloc(MIB, 1, GFP_KERNEL, false)))
		n++;
	CHECK(n > 25 && n < 40);
	CHECK_VALID();
	while (n)
		kf_vfree(areas[--n]);
	CHECK_EQ(free_pages_now(), free);
}

/*
 * Expect one memory at three addresses.
 *
 *	vmalloc  |..x..|   direct map  |..x..|   vmap  |..x..|
 */
static void aliases(void)
{
	char *p = kf_vmalloc(3 * 4096, 1, GFP_KERNEL, false), *q;
	struct page *pages[3];

	for (int i = 0; i < 3; i++)
		pages[i] = kf_vmalloc_to_page(p + i * 4096 + 5);
	q = kf_vmap(pages, 3, KF_VM_MAP);
	p[4096 + 9] = 'x';
	CHECK_EQ(((char *)kf_page_address(pages[1]))[9], 'x');
	CHECK_EQ(q[4096 + 9], 'x');
	((char *)kf_page_address(pages[2]))[1] = 'y';
	CHECK(p[8192 + 1] == 'y' && q[8192 + 1] == 'y');
	q[0] = 'z';
	CHECK_EQ(p[0], 'z');
	kf_vunmap(q);
	CHECK_EQ(p[0], 'z');
	CU_ASSERT_PTR_NULL(kf_vmalloc_to_page(q));
	CU_ASSERT_PTR_NULL(kf_vmalloc_to_page(p + 3 * 4096));
	kf_vfree(p);
}

/* Expect a page's content to be kept when it gets its first second mapping, and one page mapped twice. */
static void same_page_twice(void)
{
	struct page *page = kf_alloc_pages(GFP_KERNEL, 0), *pages[2] = {page, page};
	volatile char *direct = kf_page_address(page),
		      *p; /* one byte at two addresses of one array */

	memset((void *)direct, 5, 4096);
	p = kf_vmap(pages, 2, KF_VM_MAP);
	CHECK(all_bytes((void *)p, 5, 8192));
	p[0] = 6;
	CHECK(p[4096] == 6 && direct[0] == 6);
	kf_vunmap((void *)p);
	CHECK_EQ(direct[0], 6);
	kf_free_pages(page, 0);
}

/* Expect vfree to own pages and array with KF_VM_MAP_PUT_PAGES. */
static void map_put_pages(void)
{
	struct page **pages = kf_kmalloc(2 * sizeof(*pages), GFP_KERNEL);
	void *p;

	pages[0] = kf_alloc_pages(GFP_KERNEL, 0);
	pages[1] = kf_alloc_pages(GFP_KERNEL, 0);
	p = kf_vmap(pages, 2, KF_VM_MAP | KF_VM_MAP_PUT_PAGES);
	CHECK_EQ(told.allocated, 4);
	kf_vfree(p);
	CHECK_EQ(told.freed, 4);
}

/* Expect a page that somebody else refers to, to outlive its area. */
static void referenced_frame(void)
{
	char *p = kf_vmalloc(4096, 1, GFP_KERNEL, false);
	struct page *page = kf_vmalloc_to_page(p);
	u64 free = free_pages_now();

	page->refcount++;
	p[7] = 7;
	kf_vfree(p);
	CHECK_EQ(free_pages_now(), free);
	CHECK_EQ(((char *)kf_page_address(page))[7], 7);
	page->refcount--;
	kf_release_page(page);
	CHECK_EQ(free_pages_now(), free + 1);
}

/* Expect zeroed bytes at the same offset in the page, no page told, and iounmap of any address in it. */
static void ioremap(void)
{
	char *p = kf_ioremap(0xfeb00123, 100), *q = kf_ioremap(0xfeb00000, 4097);

	CHECK_EQ((uintptr_t)p & 4095, 0x123);
	CHECK(all_bytes(p, 0, 100));
	CHECK(told.born.size == 4097 && told.born.usable == 8192 && told.born.kind == KF_VMAP);
	CHECK_EQ(told.allocated, 2);
	q[4096] = 1;
	kf_iounmap(p);
	kf_iounmap(q);
	CHECK_EQ(told.freed, 2);
	CU_ASSERT_PTR_NULL(kf_ioremap(0x1000, 0));
}

/* Expect areas of other kinds to be refused, and nothing freed. */
static void wrong_release(void)
{
	struct page *page = kf_alloc_pages(GFP_KERNEL, 0);
	void *area = kf_vmalloc(4096, 1, GFP_KERNEL, false), *map = kf_vmap(&page, 1, KF_VM_MAP);
	void *io = kf_ioremap(0, 4096);

	kf_vunmap(area);
	expect_bug(KF_BUG_WRONG_FAMILY);
	kf_vfree(map);
	expect_bug(KF_BUG_WRONG_FAMILY);
	kf_vfree(io);
	expect_bug(KF_BUG_WRONG_FAMILY);
	kf_vfree((char *)area + 100);
	expect_bug(KF_BUG_INVALID_FREE);
	CHECK(told.bug.object.addr == area);
	kf_vfree((void *)(test_layout.vmalloc_end - 4096));
	expect_bug(KF_BUG_INVALID_FREE);
	kf_vfree(area);
	kf_vfree(area);
	expect_bug(KF_BUG_DOUBLE_FREE);
	kf_vunmap(map);
	kf_iounmap(io);
	kf_free_pages(page, 0);
}

/*
 * Expect a freed range not to be used again soon, and its record to be there for the report.
 *
 *	|freed|g|next area|g|
 */
static void late_reuse(void)
{
	struct kf_object obj;
	char *first = kf_vmalloc(4096, 1, GFP_KERNEL, false), *next;
	unsigned rounds = 0;

	kf_vfree(first);
	CHECK(kf_object_at(first + 5, &obj) && !obj.live && obj.addr == first &&
	      obj.free_tag == 2001);
	do {
		next = kf_vmalloc(4096, 1, GFP_KERNEL, false);
		kf_vfree(next);
		rounds++;
	} while (next != first && rounds < 10000);
	CHECK(rounds > 30 && rounds < 10000);
	CHECK_VALID();
}

/* Expect the alignment that was asked for, in address space. */
static void alignment(void)
{
	char *a = kf_vmalloc(4096, 1, GFP_KERNEL, false),
	     *b = kf_vmalloc(4096, 64 << 10, GFP_KERNEL, false);

	CHECK_EQ((uintptr_t)b % (64 << 10), 0);
	kf_vfree(a);
	kf_vfree(b);
}

/* Expect code memory to be in the module range, and not to be a vmalloc address. */
static void executable(void)
{
	unsigned char *p = kf_vmalloc(4096, 1, GFP_KERNEL, true);
	int (*fn)(void) = (int (*)(void))(uintptr_t)p;

	CHECK((u64)(uintptr_t)p >= test_layout.module_start &&
	      (u64)(uintptr_t)p < test_layout.module_end);
	CHECK(!kf_is_vmalloc_addr(p));
	memcpy(p, "\xb8\x2a\x00\x00\x00\xc3", 6); /* mov eax, 42; ret */
	CHECK_EQ(fn(), 42);
	kf_vfree(p);
}

static void note(const struct kf_object *area, void *arg)
{
	const void ***at = arg;

	*(*at)++ = area->addr;
}

/* Expect all live areas in the order of their addresses. */
static void listing(void)
{
	const void *seen[4] = {0}, **at = seen;
	void *a = kf_vmalloc(1, 1, GFP_KERNEL, false), *b = kf_vmalloc(1, 1, GFP_KERNEL, false);
	void *c = kf_vmalloc(1, 1, GFP_KERNEL, true);

	kf_vfree(a);
	kf_vmalloc_for_each(note, &at);
	CHECK(at == seen + 2 && seen[0] == b && seen[1] == c);
	kf_vfree(b);
	kf_vfree(c);
}

/* Expect nothing to be taken when the request is refused. */
static void refused(void)
{
	struct page *page = kf_alloc_pages(GFP_KERNEL, 0);
	u64 free = free_pages_now();

	refuse = 3;
	CU_ASSERT_PTR_NULL(kf_vmalloc(4096, 1, GFP_KERNEL, false));
	CU_ASSERT_PTR_NULL(kf_vmap(&page, 1, KF_VM_MAP));
	CU_ASSERT_PTR_NULL(kf_ioremap(0, 1));
	CHECK_EQ(free_pages_now(), free);
	kf_free_pages(page, 0);
}

static const CU_TestInfo tests[] = {
	{"simple", simple},
	{"guard page", guard_page},
	{"zeroed", zeroed},
	{"limits", limits},
	{"exhausted", exhausted},
	{"aliases", aliases},
	{"same page twice", same_page_twice},
	{"VM_MAP_PUT_PAGES", map_put_pages},
	{"referenced frame", referenced_frame},
	{"ioremap", ioremap},
	{"wrong release", wrong_release},
	{"late reuse", late_reuse},
	{"alignment", alignment},
	{"executable", executable},
	{"listing", listing},
	{"refused", refused},
	CU_TEST_INFO_NULL,
};

const struct suite vmalloc_suite = {"vmalloc", fixture_start, fixture_stop, tests};
