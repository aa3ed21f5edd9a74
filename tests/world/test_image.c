// SPDX-License-Identifier: GPL-2.0-only
/*
 * Taking images apart, with made-up ones: what is right is understood, what is wrong is named.
 */
#include <stdio.h>
#include <stdlib.h>

#include "fake.h"

#define LISTS_SIZE (4 * (3 + FAKE_RELOC32 + FAKE_RELOC_INVERSE32 + FAKE_RELOC64))

static const struct fake usual = {.layout = FAKE_6_1};

/* Write a file, open it, and give the error text. */
static int open_bytes(const struct blob *b, struct kernel_image *image, char *err)
{
	scratch_write("image/vmlinuz", b->data, b->size);
	*err = '\0';
	return kernel_image_open(scratch("image/vmlinuz"), image, err);
}

static void expect_failure(const struct blob *b, const char *text)
{
	struct kernel_image image;
	char err[KF_ERR];

	CU_ASSERT_EQUAL(open_bytes(b, &image, err), -1);
	ASSERT_SAYS(err, text);
	ASSERT_SAYS(err, "vmlinuz: ");
	CU_ASSERT_PTR_NULL(image.elf);
}

static void expect_counts(const struct kernel_image *image)
{
	uint64_t addr = 0, size = 0, offset = 0;

	CU_ASSERT_STRING_EQUAL(image->version, FAKE_VERSION);
	CU_ASSERT_EQUAL(image->text_start, FAKE_TEXT);
	CU_ASSERT_EQUAL(image->symbols.count, FAKE_SYMBOLS);
	CU_ASSERT_EQUAL(image->reloc32_count, FAKE_RELOC32);
	CU_ASSERT_EQUAL(image->reloc64_count, FAKE_RELOC64);
	CU_ASSERT_EQUAL(image->reloc32[1], FAKE_TEXT + 0x308);
	CU_ASSERT_EQUAL(image->reloc64[FAKE_RELOC64 - 1],
			FAKE_TEXT + 0x100 + 8 * (FAKE_RELOC64 - 1));
	CU_ASSERT(kernel_image_section(image, ".rodata", &addr, &size, &offset));
	CU_ASSERT_EQUAL(addr, FAKE_RODATA);
	CU_ASSERT_EQUAL(offset, 0x2000);
	CU_ASSERT(!kernel_image_section(image, ".nowhere", &addr, &size, &offset));
}

static void compressions(void)
{
	static const enum compression formats[] = {COMPRESSION_XZ, COMPRESSION_ZSTD,
						   COMPRESSION_GZIP, COMPRESSION_LZMA};
	struct blob kernel = fake_kernel(&usual), boot;
	struct kernel_image image;
	char err[KF_ERR];
	size_t i;

	for (i = 0; i < 4; i++) {
		boot = fake_boot_image(&kernel, formats[i]);
		CU_ASSERT_EQUAL_FATAL(open_bytes(&boot, &image, err), 0);
		expect_counts(&image);
		CU_ASSERT_EQUAL(image.reloc_inverse32_count, FAKE_RELOC_INVERSE32);
		CU_ASSERT_EQUAL(image.reloc_inverse32[0], FAKE_TEXT + 0x200);
		kernel_image_close(&image);
		free(boot.data);
	}
	free(kernel.data);
}

static void open_fake(const struct fake *fake, bool boot, struct kernel_image *image)
{
	struct blob kernel = fake_kernel(fake), b = kernel;
	char err[KF_ERR];

	if (boot)
		b = fake_boot_image(&kernel, COMPRESSION_ZSTD);
	CU_ASSERT_EQUAL_FATAL(open_bytes(&b, image, err), 0);
	if (boot)
		free(b.data);
	free(kernel.data);
}

/* Since 6.15: no inverse list. Expect: the others are not mistaken for it. */
static void two_lists(void)
{
	struct fake fake = {.layout = FAKE_6_4, .two_lists = true, .plain_offsets = true};
	struct kernel_image image;

	open_fake(&fake, true, &image);
	expect_counts(&image);
	CU_ASSERT_EQUAL(image.reloc_inverse32_count, 0);
	kernel_image_close(&image);
}

/* A vmlinux with .rela sections. Expect: the same lists as a bzImage has. */
static void from_rela(void)
{
	struct fake fake = {.layout = FAKE_6_4, .rela = true};
	struct kernel_image image;

	open_fake(&fake, false, &image);
	expect_counts(&image);
	CU_ASSERT_EQUAL(image.reloc_inverse32_count, FAKE_RELOC_INVERSE32);
	CU_ASSERT_EQUAL(image.reloc_inverse32[2], FAKE_TEXT + 0x210);
	kernel_image_close(&image);
}

static void fail_fake(const struct fake *fake, bool boot, const char *text)
{
	struct blob kernel = fake_kernel(fake), b = kernel;

	if (boot)
		b = fake_boot_image(&kernel, COMPRESSION_ZSTD);
	expect_failure(&b, text);
	if (boot)
		free(b.data);
	free(kernel.data);
}

static void lacking(void)
{
	struct fake no_relocs = {.no_relocs = true}, no_symbols = {.no_symbols = true},
		    no_banner = {.no_banner = true};

	fail_fake(&no_relocs, true, "no relocations (built without CONFIG_RANDOMIZE_BASE)");
	fail_fake(&no_relocs, false, "give the bzImage");
	fail_fake(&no_symbols, true, "no symbol table (built without CONFIG_KALLSYMS)");
	fail_fake(&no_banner, true, "no \"Linux version\" in it");
}

static void other_files(void)
{
	uint8_t zeros[4096] = {0};
	struct blob b = {zeros, 0};

	expect_failure(&b, "the file is empty");
	b.size = sizeof(zeros);
	expect_failure(&b, "neither a bzImage (vmlinuz) nor an ELF file");
	memcpy(zeros + 56, "ARM\x64", 4);
	expect_failure(&b, "a kernel for AArch64");
	memcpy(zeros, "!<arch>\ndebian", 14);
	memset(zeros + 56, 0, 4);
	expect_failure(&b, "a package, not a kernel image");
	memcpy(zeros,
	       "\xfd"
	       "7zXZ\0",
	       6);
	expect_failure(&b, "not a kernel image but xz data: unpack it first");
	memcpy(zeros, "MZ", 2);
	b.size = 100;
	expect_failure(&b, "truncated: 100 bytes");
}

/* Change bytes of the ELF header inside of a good image. */
static void expect_with(size_t at, const void *bytes, size_t n, const char *text)
{
	struct blob kernel = fake_kernel(&usual), boot;

	memcpy(kernel.data + at, bytes, n);
	boot = fake_boot_image(&kernel, COMPRESSION_GZIP);
	expect_failure(&boot, text);
	free(boot.data);
	free(kernel.data);
}

static void wrong_inside(void)
{
	expect_with(0, "XELF", 4, "not an ELF file");
	expect_with(4, "\1", 1, "32 bits wide; kfail judges x86-64 only");
	expect_with(5, "\2", 1, "not a 64-bit little-endian ELF file");
	expect_with(18, "\267\0", 2, "built for AArch64; kfail judges x86-64 only");
	expect_with(18, "\363\0", 2, "built for RISC-V");
	expect_with(0x28, "\0\0\0\0\0\0\0\0", 8, "no section headers");
	expect_with(0x28, "\0\0\0\0\0\0\0\x7f", 8, "truncated: 8 section headers need 512 bytes");
	expect_with(0x3a, "\1", 1, "section headers of 1 bytes");
	expect_with(0x3e, "\377\0", 2,
		    "section 255, said to hold the section names, does not exist");
	expect_with(0x36, "\1", 1, "program headers are not inside of the file");
	expect_with(0x20, "\0\0\0\0\0\0\0\x80", 8, "program headers are not inside of the file");
	/* p_filesz of the first segment, then its p_vaddr */
	expect_with(64 + 32, "\0\0\0\0\0\0\0\x7f", 8, "truncated: segment 0 needs");
	expect_with(64 + 16, "\0\0\0\0\0\0\0\0", 8, "a relocation points outside of the kernel");
}

/* Unknown and known-but-unsupported compression. */
static void other_compressions(void)
{
	struct blob kernel = fake_kernel(&usual), boot = fake_boot_image(&kernel, COMPRESSION_GZIP);

	memcpy(boot.data + 0x500, "\x02\x21\x4c\x18", 4);
	expect_failure(&boot, "compressed with lz4, which kfail does not read");
	memcpy(boot.data + 0x500, "BZh9", 4);
	expect_failure(&boot, "compressed with bzip2");
	memcpy(boot.data + 0x500, "what", 4);
	expect_failure(&boot,
		       "compressed in a way that kfail does not know (it begins with 77 68 61 74)");
	memcpy(boot.data + 0x24c, "\4\0\0\0", 4);
	expect_failure(&boot, "holds no compressed kernel");
	memcpy(boot.data + 0x206, "\1\2", 2);
	expect_failure(&boot, "older than 2.08");
	free(boot.data);
	free(kernel.data);
}

/* A boot image cut off anywhere. Expect: a sentence, never an image. */
static void cut_anywhere(void)
{
	struct blob kernel = fake_kernel(&usual), boot = fake_boot_image(&kernel, COMPRESSION_XZ);
	size_t whole = boot.size - 512;

	for (boot.size = 0; boot.size < whole; boot.size += boot.size < 0x600 ? 61 : 997)
		expect_failure(&boot, "vmlinuz");
	free(boot.data);
	free(kernel.data);
}

/* The unpacked kernel cut off anywhere: the payload is whole, what is in it is not. */
static void cut_inside(void)
{
	struct blob kernel = fake_kernel(&usual), boot;

	/* Less than the lists: half a list looks like a list, and only its size tells (below). */
	for (kernel.size -= 100; kernel.size > 2000;
	     kernel.size -= kernel.size > 30000 ? 997 : 1900) {
		boot = fake_boot_image(&kernel, COMPRESSION_ZSTD);
		expect_failure(&boot, "vmlinuz");
		free(boot.data);
	}
	free(kernel.data);
}

/* The payload's last word is the unpacked size. Expect: it has to be right. */
static void wrong_size(void)
{
	struct blob kernel = fake_kernel(&usual), boot = fake_boot_image(&kernel, COMPRESSION_XZ);
	size_t at = boot.size - 512 - 4;

	boot.data[at]++;
	expect_failure(&boot, "cannot unpack the kernel inside: ");
	boot.data[at] -= 5;
	expect_failure(&boot, "cannot unpack the kernel inside: ");
	free(boot.data);
	free(kernel.data);
}

/* Single bits flipped in headers, tables and lists. Expect: no crash (run it with sanitizers). */
static void flipped_bits(void)
{
	struct fake fake = {.rela = true};
	struct blob kernel = fake_kernel(&fake);
	struct kernel_image image;
	char err[KF_ERR];
	uint32_t x = 1;
	unsigned i;
	size_t at;

	for (i = 0; i < 3000; i++) {
		x = x * 1103515245 + 12345;
		at = (x >> 8) % kernel.size;
		if (i % 3 == 0)
			at = (x >> 8) % 176;
		else if (i % 3 == 1)
			at = kernel.size - 1 - (x >> 8) % 2048;
		kernel.data[at] ^= (uint8_t)(1 << (x >> 5) % 8);
		if (!open_bytes(&kernel, &image, err))
			kernel_image_close(&image);
		kernel.data[at] ^= (uint8_t)(1 << (x >> 5) % 8);
	}
	free(kernel.data);
}

static void bad_relocations(void)
{
	struct blob kernel = fake_kernel(&usual), boot;

	/* An address below the image, then a list without an end, then an odd number of bytes. */
	memcpy(kernel.data + kernel.size - 4, "\0\0\0\x80", 4);
	boot = fake_boot_image(&kernel, COMPRESSION_GZIP);
	expect_failure(&boot, "a relocation points outside of the kernel");
	free(boot.data);
	memset(kernel.data + kernel.size - LISTS_SIZE, 0x81, LISTS_SIZE);
	boot = fake_boot_image(&kernel, COMPRESSION_GZIP);
	expect_failure(&boot, "the relocation lists behind the kernel are damaged");
	free(boot.data);
	kernel.size -= 1;
	boot = fake_boot_image(&kernel, COMPRESSION_GZIP);
	expect_failure(&boot, "the relocation lists behind the kernel are damaged");
	free(boot.data);
	free(kernel.data);
}

/* Without unpacking: from the setup header. With a vmlinux: from its banner. */
static void versions(void)
{
	struct blob kernel = fake_kernel(&usual), boot = fake_boot_image(&kernel, COMPRESSION_XZ);
	char version[128], err[KF_ERR];

	scratch_write("image/boot", boot.data, boot.size);
	CU_ASSERT_EQUAL(kernel_image_version(scratch("image/boot"), version, sizeof(version), err),
			0);
	CU_ASSERT_STRING_EQUAL(version, FAKE_VERSION);
	memcpy(boot.data + 0x20e, "\0\0", 2);
	scratch_write("image/boot", boot.data, boot.size);
	CU_ASSERT_EQUAL(kernel_image_version(scratch("image/boot"), version, sizeof(version), err),
			0);
	CU_ASSERT_STRING_EQUAL(version, FAKE_VERSION);
	scratch_write("image/vmlinux", kernel.data, kernel.size);
	CU_ASSERT_EQUAL(
		kernel_image_version(scratch("image/vmlinux"), version, sizeof(version), err), 0);
	CU_ASSERT_STRING_EQUAL(version, FAKE_VERSION);
	scratch_text("image/text", "Linux version 6.1");
	CU_ASSERT_EQUAL(kernel_image_version(scratch("image/text"), version, sizeof(version), err),
			-1);
	ASSERT_SAYS(err, "not a kernel image");
	free(boot.data);
	free(kernel.data);
}

CU_TestInfo image_tests[] = {
	{"all compressions", compressions},
	{"two relocation lists", two_lists},
	{"relocations of a vmlinux", from_rela},
	{"images that lack something", lacking},
	{"files that are no images", other_files},
	{"something else inside", wrong_inside},
	{"compressions that are not read", other_compressions},
	{"a boot image cut anywhere", cut_anywhere},
	{"a kernel cut anywhere", cut_inside},
	{"a wrong size", wrong_size},
	{"flipped bits", flipped_bits},
	{"damaged relocations", bad_relocations},
	{"versions", versions},
	CU_TEST_INFO_NULL,
};
