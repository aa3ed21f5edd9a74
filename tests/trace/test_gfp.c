// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>
#include "../../allocator/core/types.h"
#include "../../allocator/core/gfp.h"
#include "suites.h"

static void expect(uint32_t gfp, const char *text)
{
	char buf[GFP_TEXT_MAX];

	gfp_to_text(gfp, buf, sizeof(buf));
	if (strcmp(buf, text) != 0)
		printf("%#x: \"%s\", not \"%s\"\n", gfp, buf, text);
	CU_ASSERT_STRING_EQUAL(buf, text);
}

/* The texts that a kernel prints for these values. */
static void test_composites(void)
{
	expect(0xcc0, "GFP_KERNEL");
	expect(0xdc0, "GFP_KERNEL|__GFP_ZERO");
	expect(0xa20, "GFP_ATOMIC");
	expect(0x800, "GFP_NOWAIT");
	expect(0xc00, "GFP_NOIO");
	expect(0xc40, "GFP_NOFS");
	expect(0x100cc0, "GFP_USER");
	expect(0x100cc2, "GFP_HIGHUSER");
	expect(0x100cca, "GFP_HIGHUSER_MOVABLE");
	expect(0x400cc0, "GFP_KERNEL_ACCOUNT");
	expect(0xcc1, "GFP_KERNEL|GFP_DMA");
	expect(0x1c20ca, "GFP_TRANSHUGE_LIGHT");
	expect(0x1c24ca, "GFP_TRANSHUGE");
	expect(0x52dc0, "GFP_KERNEL|__GFP_NOWARN|__GFP_NORETRY|__GFP_COMP|__GFP_ZERO");
	expect(0x2a20, "GFP_ATOMIC|__GFP_NOWARN");
}

static void test_single_bits(void)
{
	expect(0, "none");
	expect(KF_GFP_DIRECT_RECLAIM, "__GFP_DIRECT_RECLAIM");
	expect(KF_GFP_HIGH | KF_GFP_IO, "__GFP_HIGH|__GFP_IO");
	expect(KF_GFP_NOFAIL | KF_GFP_KERNEL, "GFP_KERNEL|__GFP_NOFAIL");
	expect(KF_GFP_RECLAIMABLE | KF_GFP_THISNODE, "__GFP_THISNODE|__GFP_RECLAIMABLE");
}

static void test_unknown_bits(void)
{
	expect(0x80000000, "0x80000000");
	expect(0x80000cc0, "GFP_KERNEL|0x80000000");
}

/* Expect: no text is longer than GFP_TEXT_MAX, and a short buffer is filled and ended. */
static void test_buffer(void)
{
	char buf[GFP_TEXT_MAX], small[8] = "#######";

	gfp_to_text(0xffffffff & ~KF_GFP_RECLAIM & ~KF_GFP_IO, buf, sizeof(buf));
	CU_ASSERT(strlen(buf) < GFP_TEXT_MAX - 1);
	gfp_to_text(0xdc0, small, sizeof(small));
	CU_ASSERT_STRING_EQUAL(small, "GFP_KER");
	gfp_to_text(0xdc0, small, 0);
	CU_ASSERT_STRING_EQUAL(small, "GFP_KER");
}

CU_TestInfo gfp_tests[] = {
	{"composite names", test_composites},
	{"single bits", test_single_bits},
	{"bits without a name", test_unknown_bits},
	{"length", test_buffer},
	CU_TEST_INFO_NULL,
};
