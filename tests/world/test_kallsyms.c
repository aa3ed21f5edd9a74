// SPDX-License-Identifier: GPL-2.0-only
/*
 * Symbol tables of each layout, and damaged ones.
 */
#include <stdio.h>
#include <stdlib.h>

#include "fake.h"

static int open_fake(const struct blob *b, struct kernel_image *image, char *err)
{
	scratch_write("kallsyms/vmlinux", b->data, b->size);
	return kernel_image_open(scratch("kallsyms/vmlinux"), image, err);
}

/* Expect: every symbol as it was put in. */
static void check_layout(const struct fake *fake)
{
	struct blob b = fake_kernel(fake);
	struct kernel_image image;
	char err[KF_ERR], name[64];
	unsigned i, wrong = 0;

	CU_ASSERT_EQUAL_FATAL(open_fake(&b, &image, err), 0);
	CU_ASSERT_EQUAL_FATAL(image.symbols.count, FAKE_SYMBOLS);
	for (i = 0; i < FAKE_SYMBOLS; i++) {
		fake_symbol_name(i, name);
		wrong += image.symbols.syms[i].addr != fake_symbol_address(fake, i) ||
			 image.symbols.syms[i].type != name[0] ||
			 strcmp(image.symbols.strings + image.symbols.syms[i].name, name + 1);
	}
	CU_ASSERT_EQUAL(wrong, 0);
	kernel_image_close(&image);
	free(b.data);
}

static void layout_6_1(void)
{
	struct fake fake = {.layout = FAKE_6_1, .rela = true};

	check_layout(&fake);
}

static void layout_6_2(void)
{
	struct fake fake = {.layout = FAKE_6_2, .rela = true};

	check_layout(&fake);
}

static void layout_6_4(void)
{
	struct fake fake = {.layout = FAKE_6_4, .rela = true};

	check_layout(&fake);
}

static void plain_offsets(void)
{
	struct fake old = {.layout = FAKE_6_1, .plain_offsets = true, .rela = true};
	struct fake new = {.layout = FAKE_6_4, .plain_offsets = true, .rela = true};

	check_layout(&old);
	check_layout(&new);
}

/* Where the names begin: their number is the only such pair of words. */
static size_t find_number(const struct blob *b)
{
	uint64_t number = FAKE_SYMBOLS;
	uint8_t *p = memmem(b->data + 0x2000, b->size - 0x2000, &number, sizeof(number));

	CU_ASSERT_PTR_NOT_NULL_FATAL(p);
	return (size_t)(p - b->data);
}

static void expect_damaged(const struct blob *b)
{
	struct kernel_image image;
	char err[KF_ERR];

	CU_ASSERT_EQUAL(open_fake(b, &image, err), -1);
	ASSERT_SAYS(err, "the symbol table of this kernel (kallsyms) is damaged");
}

/* One wrong byte in number, lengths, offsets, or base. Expect: refused as a whole rather than half
 * believed. */
static void damaged(void)
{
	struct fake fake = {.layout = FAKE_6_1, .rela = true};
	struct blob b = fake_kernel(&fake);
	size_t number = find_number(&b);
	static const int places[] = {0, 4, 8, -1, -4008};
	size_t i, at;

	for (i = 0; i < sizeof(places) / sizeof(*places); i++) {
		at = number + (size_t)places[i];
		b.data[at] ^= 0x40;
		expect_damaged(&b);
		b.data[at] ^= 0x40;
	}
	free(b.data);
}

/* Any byte of the tables, one after the other. Expect: no crash, whatever comes out. */
static void flipped(void)
{
	struct fake fake = {.layout = FAKE_6_4, .rela = true};
	struct blob b = fake_kernel(&fake);
	size_t number = find_number(&b), at;
	struct kernel_image image;
	char err[KF_ERR];

	for (at = number; at < number + 24000 && at < b.size; at += 13) {
		b.data[at] ^= 0xff;
		if (!open_fake(&b, &image, err))
			kernel_image_close(&image);
		b.data[at] ^= 0xff;
	}
	free(b.data);
}

CU_TestInfo kallsyms_tests[] = {
	{"layout of 6.1", layout_6_1},
	{"layout of 6.2", layout_6_2},
	{"layout of 6.4", layout_6_4},
	{"without absolute per-CPU symbols", plain_offsets},
	{"damaged tables", damaged},
	{"flipped bytes", flipped},
	CU_TEST_INFO_NULL,
};
