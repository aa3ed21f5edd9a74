// SPDX-License-Identifier: GPL-2.0-only
/*
 * A kernel image taken apart: the ELF file inside, where it has to be relocated, what its symbols
 * are.
 *
 * When kernel_image_open() succeeds,
 *   - the ELF headers, all section headers and all PT_LOAD segments lie inside of image->elf;
 *   - image->text_start and symbols.start/end span the segments that are linked into the top 2 GiB.
 *     Per-CPU data is a segment of its own, linked at 0 (up to 6.14), and loaded in that span;
 *   - every relocation lies inside of that span;
 *   - the symbol table is complete, and image->version is what the kernel calls itself.
 * When it fails, err says why, and there is nothing to close.
 *
 * The container is bzimage.c, the lists are relocs.c, the symbols are kallsyms.c. What a loader
 * does with an image is arch/x86/boot/compressed/misc.c (parse_elf, handle_relocations) and the
 * world's business, not done here.
 *
 * Nearly all the time goes into unpacking: 0.6 s for the 65 MB of Debian's 6.1 (xz), 0.2 s for
 * its 6.12 (zstd); the rest takes 40 ms.
 */
#include <stdio.h>
#include <stdlib.h>

#include "image.h"

static const char banner[] = "Linux version ";

/* The version behind the first "Linux version 6..."; others are formats ("Linux version %s"). */
static bool find_version(const uint8_t *data, size_t size, char *version, size_t max)
{
	const uint8_t *p = data, *end = data + size;
	size_t n;

	while ((p = memmem(p, (size_t)(end - p), banner, sizeof(banner) - 1))) {
		p += sizeof(banner) - 1;
		for (n = 0; n + 1 < max && p + n < end && p[n] > ' ' && p[n] < 0x7f; n++)
			version[n] = (char)p[n];
		version[n] = '\0';
		if (n && p[0] >= '0' && p[0] <= '9' && p + n < end && p[n] == ' ')
			return true;
	}
	version[0] = '\0';
	return false;
}

/* The span of the image in memory, and that all segments have their bytes. */
static int check_segments(const char *path, const struct elf_view *v, struct kernel_image *image,
			  char *err)
{
	uint64_t low = UINT64_MAX, high = 0;
	Elf64_Phdr p;
	unsigned i;

	if (v->header.e_phentsize != sizeof(p) ||
	    !in_bounds(v->header.e_phoff, (uint64_t)v->header.e_phnum * sizeof(p), v->size))
		return kf_fail(err, "%s: the kernel's program headers are not inside of the file",
			       path);
	for (i = 0; i < v->header.e_phnum; i++) {
		memcpy(&p, v->data + v->header.e_phoff + i * sizeof(p), sizeof(p));
		if (p.p_type != PT_LOAD)
			continue;
		if (!in_bounds(p.p_offset, p.p_filesz, v->size) || p.p_filesz > p.p_memsz)
			return kf_fail(
				err,
				"%s: truncated: segment %u needs %llu bytes at offset %llu and the "
				"kernel has %zu",
				path, i, (unsigned long long)p.p_filesz,
				(unsigned long long)p.p_offset, v->size);
		if (p.p_vaddr < KERNEL_LINK_START || p.p_memsz > -p.p_vaddr - 1)
			continue;
		low = p.p_vaddr < low ? p.p_vaddr : low;
		high = p.p_vaddr + p.p_memsz > high ? p.p_vaddr + p.p_memsz : high;
	}
	if (low >= high)
		return kf_fail(err, "%s: not a Linux kernel: no segment in the top 2 GiB", path);
	image->text_start = image->symbols.start = low;
	image->symbols.end = high;
	return 0;
}

/* Where the ELF file ends: behind the last of section headers and sections. */
static size_t elf_end(const struct elf_view *v)
{
	size_t end = v->header.e_shoff + v->section_count * sizeof(Elf64_Shdr);
	Elf64_Shdr s;
	unsigned i;

	for (i = 1; i < v->section_count; i++) {
		s = elf_section(v, i);
		if (s.sh_type != SHT_NOBITS && s.sh_type != SHT_NULL &&
		    s.sh_offset + s.sh_size > end)
			end = s.sh_offset + s.sh_size;
	}
	return end;
}

/* What the file is when it is neither a bzImage nor ELF. */
static int fail_unknown(const char *path, const struct blob *file, char *err)
{
	const uint8_t *d = file->data;
	enum compression c = compression_of(d, file->size);

	if (!file->size)
		return kf_fail(err, "%s: the file is empty", path);
	if (c != COMPRESSION_NONE)
		return kf_fail(err, "%s: not a kernel image but %s data: unpack it first", path,
			       compression_name(c));
	if (file->size >= 64 && !memcmp(d + 56, "ARM\x64", 4))
		return kf_fail(err, "%s: a kernel for AArch64; kfail runs x86-64 kernels only",
			       path);
	if (file->size >= 8 && !memcmp(d, "!<arch>\n", 8))
		return kf_fail(err, "%s: a package, not a kernel image: unpack it with dpkg -x",
			       path);
	if (file->size < 0x1000 && file->size >= 2 && d[0] == 'M' && d[1] == 'Z')
		return kf_fail(err, "%s: truncated: %zu bytes are not a kernel image", path,
			       file->size);
	return kf_fail(
		err,
		"%s: not a kernel image: neither a bzImage (vmlinuz) nor an ELF file (vmlinux)",
		path);
}

/* From a file to the ELF bytes inside of it. Takes the blob over. */
static int unpack_file(const char *path, struct blob *file, struct kernel_image *image, bool *boot,
		       char *err)
{
	struct blob elf;

	*boot = bzimage_detect(file->data, file->size);
	if (*boot) {
		if (bzimage_unpack(path, file, &elf, err))
			return -1;
		free(file->data);
		*file = elf;
	} else if (file->size < SELFMAG || memcmp(file->data, ELFMAG, SELFMAG)) {
		return fail_unknown(path, file, err);
	}
	image->elf = file->data;
	image->elf_size = file->size;
	file->data = NULL;
	return 0;
}

static int take_apart(const char *path, struct blob *file, struct kernel_image *image, char *err)
{
	struct elf_view v;
	size_t total;
	bool boot;

	if (unpack_file(path, file, image, &boot, err))
		return -1;
	total = image->elf_size;
	if (elf_view_open(path, image->elf, total, &v, err) || check_segments(path, &v, image, err))
		return -1;
	image->elf_size = elf_end(&v);
	if (!find_version(image->elf, image->elf_size, image->version, sizeof(image->version)))
		return kf_fail(err, "%s: not a Linux kernel: no \"Linux version\" in it", path);
	if (boot ? relocs_from_trailer(path, image->elf + image->elf_size, total - image->elf_size,
				       image, err)
		 : relocs_from_elf(path, &v, image, err))
		return -1;
	return kallsyms_read(path, &v, image, err);
}

int kernel_image_open(const char *path, struct kernel_image *out, char *err)
{
	struct blob file;
	int ret;

	memset(out, 0, sizeof(*out));
	if (kf_read_file(path, &file, err))
		return -1;
	ret = take_apart(path, &file, out, err);
	free(file.data);
	if (ret)
		kernel_image_close(out);
	return ret;
}

/* Sectors of setup code and the string's offset in them keep the version below this. */
#define HEAD_BYTES (0x10000 + 0x400)

int kernel_image_version(const char *path, char *version, size_t max, char *err)
{
	uint8_t *head = kf_array(NULL, HEAD_BYTES, 1);
	long n = kf_read_head(path, head, HEAD_BYTES);
	bool found = n > 0 && bzimage_version(head, (size_t)n, version, max);
	struct kernel_image image = {0};
	struct blob file;
	bool boot;
	int ret;

	free(head);
	if (found)
		return 0;
	if (kf_read_file(path, &file, err))
		return -1;
	ret = unpack_file(path, &file, &image, &boot, err);
	if (!ret && !find_version(image.elf, image.elf_size, version, max))
		ret = kf_fail(err, "%s: not a Linux kernel: no \"Linux version\" in it", path);
	free(file.data);
	free(image.elf);
	return ret;
}

void kernel_image_close(struct kernel_image *image)
{
	free(image->elf);
	free(image->reloc32);
	free(image->reloc_inverse32);
	free(image->reloc64);
	free((void *)image->symbols.syms);
	free((void *)image->symbols.strings);
	memset(image, 0, sizeof(*image));
}

bool kernel_image_section(const struct kernel_image *image, const char *name, uint64_t *addr,
			  uint64_t *size, uint64_t *offset)
{
	struct elf_view v;
	Elf64_Shdr s;
	unsigned i;

	if (elf_view_open("", image->elf, image->elf_size, &v, NULL))
		return false;
	i = elf_find_section(&v, name);
	if (!i)
		return false;
	s = elf_section(&v, i);
	*addr = s.sh_addr;
	*size = s.sh_size;
	*offset = s.sh_offset;
	return true;
}
