// SPDX-License-Identifier: GPL-2.0-only
/*
 * A distribution's kernel: what must be true of any, and what System.map and the vmlinux of the
 * debug package say, where they are at hand (CACHE/kernel/V/usr/lib/debug/boot, or installed).
 * Debian's System.map outside of that package is one line of text, which is no oracle.
 */
#include <stdio.h>
#include <stdlib.h>

#include "suites.h"

static const struct kernel_image *need_image(void)
{
	if (!real_image())
		skip("no kernel at hand (kfail kernel fetch)");
	return real_image();
}

static int compare_places(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

static const char *name_of(const struct kernel_image *image, uint32_t i)
{
	return image->symbols.strings + image->symbols.syms[i].name;
}

static uint64_t address_of(const struct kernel_image *image, const char *name)
{
	uint32_t i;

	for (i = 0; i < image->symbols.count; i++) {
		if (!strcmp(name_of(image, i), name))
			return image->symbols.syms[i].addr;
	}
	CU_FAIL("no such symbol");
	return 0;
}

static void symbols(void)
{
	const struct kernel_image *image = need_image();
	uint64_t last = 0;
	uint32_t i, unsorted = 0, unnamed = 0;

	if (!image)
		return;
	CU_ASSERT(image->symbols.count > 50000);
	for (i = 0; i < image->symbols.count; i++) {
		unsorted += image->symbols.syms[i].addr < last;
		unnamed += !*name_of(image, i) ||
			   !strchr("AaBbDdRrTtVvWwuGgNn", image->symbols.syms[i].type);
		last = image->symbols.syms[i].addr;
	}
	CU_ASSERT_EQUAL(unsorted, 0);
	CU_ASSERT_EQUAL(unnamed, 0);
	CU_ASSERT_EQUAL(address_of(image, "_text"), image->text_start);
	CU_ASSERT_EQUAL(address_of(image, "__per_cpu_start"), 0);
	CU_ASSERT(address_of(image, "__per_cpu_end") < 1 << 20);
	CU_ASSERT(address_of(image, "_end") <= image->symbols.end);
}

/* The banner stands where its symbol says: names, addresses and sections belong together. */
static void banner(void)
{
	const struct kernel_image *image = need_image();
	uint64_t at, addr, size, offset;

	if (!image)
		return;
	CU_ASSERT_STRING_EQUAL(image->version, real_kernel()->version);
	CU_ASSERT_FATAL(kernel_image_section(image, ".rodata", &addr, &size, &offset));
	at = address_of(image, "linux_banner");
	CU_ASSERT_FATAL(at >= addr && at < addr + size);
	CU_ASSERT(!memcmp(image->elf + offset + (at - addr), "Linux version ", 14));
}

static uint64_t *sorted_copy(const uint64_t *places, size_t count)
{
	uint64_t *copy = kf_array(NULL, count, sizeof(*copy));

	memcpy(copy, places, count * sizeof(*copy));
	qsort(copy, count, sizeof(*copy), compare_places);
	return copy;
}

/* No place twice, all inside; the entries of the system call table are among the 64-bit ones. */
static void relocations(void)
{
	const struct kernel_image *image = need_image();
	uint64_t *all, table;
	size_t i, twice = 0;

	if (!image)
		return;
	CU_ASSERT(image->reloc32_count > 10000 && image->reloc64_count > 10000);
	all = sorted_copy(image->reloc64, image->reloc64_count);
	for (i = 1; i < image->reloc64_count; i++)
		twice += all[i] < all[i - 1] + 8;
	CU_ASSERT_EQUAL(twice, 0);
	table = address_of(image, "sys_call_table");
	for (i = 0; i < 300; i++, table += 8)
		CU_ASSERT(bsearch(&table, all, image->reloc64_count, 8, compare_places) != NULL);
	free(all);
}

/* Every export of vmlinux that the headers list has its __ksymtab_ symbol. */
static void exports(void)
{
	const struct kernel_image *image = need_image();
	char *path, line[1024], symbol[256], module[256];
	uint32_t i, listed = 0, there = 0;
	FILE *f;

	if (!image)
		return;
	if (!real_kernel()->headers) {
		skip("no headers at hand");
		return;
	}
	path = kf_format("%s/Module.symvers", real_kernel()->headers);
	f = fopen(path, "r");
	free(path);
	CU_ASSERT_PTR_NOT_NULL_FATAL(f);
	while (fgets(line, sizeof(line), f))
		listed += sscanf(line, "%*s %255s %255s", symbol, module) == 2 &&
			  !strcmp(module, "vmlinux");
	fclose(f);
	for (i = 0; i < image->symbols.count; i++)
		there += starts_with(name_of(image, i), "__ksymtab_");
	CU_ASSERT(listed > 5000);
	/* The image has a few names more that begin like this and are no exports. */
	CU_ASSERT(there >= listed && there < listed + 10);
}

/* A file of the debug package; NULL: not at hand. */
static const char *debug_file(const char *kind)
{
	static const char *const places[] = {"%s/usr/lib/debug/boot/%s-%s", "%s/boot/%s-%s"};
	const char *version = real_kernel()->version,
		   *slash = strstr(real_kernel()->image, "/boot/");
	static char path[4096];
	struct blob b;
	size_t i, size;

	for (i = 0; slash && i < 2; i++) {
		size = (size_t)(slash - real_kernel()->image);
		char *root = kf_format("%.*s", (int)size, real_kernel()->image);

		snprintf(path, sizeof(path), i ? places[1] : places[0], root, kind, version);
		free(root);
		if (kf_read_file(path, &b, NULL))
			continue;
		free(b.data);
		if (b.size > 100000)
			return path;
	}
	skip("no %s of this kernel at hand", kind);
	return NULL;
}

/* The lines of System.map are sorted by address; those of one address in another order. Compare as
 * a set. */
static int compare_lines(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static char **table_lines(const struct kernel_image *image)
{
	char **lines = kf_array(NULL, image->symbols.count, sizeof(*lines));
	uint32_t i;

	for (i = 0; i < image->symbols.count; i++)
		lines[i] = kf_format("%016llx %s", (unsigned long long)image->symbols.syms[i].addr,
				     name_of(image, i));
	qsort(lines, image->symbols.count, sizeof(*lines), compare_lines);
	return lines;
}

/*
 * Expect: all of kallsyms is in System.map. What System.map has more are kallsyms' own tables and
 * absolute symbols of the linker script.
 */
static void system_map(void)
{
	const struct kernel_image *image = need_image();
	const char *path = image ? debug_file("System.map") : NULL;
	char **lines, line[1024], address[32], name[512], *key;
	uint32_t i, found = 0, extra = 0;
	FILE *f;

	if (!path)
		return;
	lines = table_lines(image);
	f = fopen(path, "r");
	CU_ASSERT_PTR_NOT_NULL_FATAL(f);
	while (fgets(line, sizeof(line), f)) {
		if (sscanf(line, "%31s %*c %511s", address, name) != 2)
			continue;
		key = kf_format("%s %s", address, name);
		if (bsearch(&key, lines, image->symbols.count, sizeof(*lines), compare_lines))
			found++;
		else
			extra++;
		free(key);
	}
	fclose(f);
	CU_ASSERT_EQUAL(found, image->symbols.count);
	CU_ASSERT(extra < 40);
	for (i = 0; i < image->symbols.count; i++)
		free(lines[i]);
	free(lines);
}

static bool same_places(const uint64_t *a, size_t count, const uint64_t *b, size_t b_count)
{
	uint64_t *x = sorted_copy(a, count), *y = sorted_copy(b, b_count);
	bool same = count == b_count && !memcmp(x, y, count * sizeof(*x));

	free(x);
	free(y);
	return same;
}

/* The vmlinux of the debug package has .rela sections. Expect: the lists of the bzImage, place by
 * place. */
static void debug_vmlinux(void)
{
	const struct kernel_image *image = need_image();
	const char *path = image ? debug_file("vmlinux") : NULL;
	struct kernel_image other;
	char err[KF_ERR] = "";

	if (!path)
		return;
	if (kernel_image_open(path, &other, err)) {
		/* Some distributions strip the relocations. */
		ASSERT_SAYS(err, "no relocations");
		return;
	}
	CU_ASSERT(same_places(image->reloc32, image->reloc32_count, other.reloc32,
			      other.reloc32_count));
	CU_ASSERT(same_places(image->reloc64, image->reloc64_count, other.reloc64,
			      other.reloc64_count));
	CU_ASSERT(same_places(image->reloc_inverse32, image->reloc_inverse32_count,
			      other.reloc_inverse32, other.reloc_inverse32_count));
	CU_ASSERT_EQUAL(image->symbols.count, other.symbols.count);
	kernel_image_close(&other);
}

/* All other versions at hand can be taken apart too. */
static void all_at_hand(void)
{
	struct kernel_paths paths[32];
	struct kernel_image image;
	char err[KF_ERR] = "";
	unsigned i, n;

	use_real_places();
	n = kernel_list(paths, 32);
	if (n < 2)
		skip("%u kernels at hand", n);
	for (i = 0; i < n && i < 32; i++) {
		if (n >= 2 && i < 4) {
			CU_ASSERT_EQUAL(kernel_image_open(paths[i].image, &image, err), 0);
			CU_ASSERT_STRING_EQUAL(err, "");
			CU_ASSERT_STRING_EQUAL(image.version, paths[i].version);
			CU_ASSERT(image.symbols.count > 50000 && image.reloc32_count > 10000);
			kernel_image_close(&image);
		}
		kernel_paths_clear(&paths[i]);
	}
}

CU_TestInfo real_image_tests[] = {
	{"symbols", symbols},
	{"the banner is where its symbol is", banner},
	{"relocations", relocations},
	{"exports", exports},
	{"System.map says the same", system_map},
	{"the debug package's vmlinux says the same", debug_vmlinux},
	{"all versions at hand", all_at_hand},
	CU_TEST_INFO_NULL,
};
