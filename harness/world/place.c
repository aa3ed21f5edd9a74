// SPDX-License-Identifier: GPL-2.0-only
/*
 * Putting the image at its place (layout.h) and relocating it, as arch/x86/boot/compressed/misc.c
 * handle_relocations() does for KASLR: every address that the relocation lists name gets the
 * distance added (32-bit, 64-bit) or subtracted (inverse: per-CPU references, which are relative to
 * an instruction that has moved).
 *
 * Pages of zeros are not written, so that they cost no memory.
 */
#include <elf.h>
#include <stdio.h>
#include <string.h>
#include "../../allocator/core/memory.h"
#include "image.h"
#include "world_internal.h"

#define PHYS_LINK_BASE 0x1000000ul /* physical address that the image was linked for */

static bool is_zero(const uint8_t *p, size_t n)
{
	return n == 0 || (p[0] == 0 && memcmp(p, p + 1, n - 1) == 0);
}

static void copy_sparse(uint8_t *to, const uint8_t *from, size_t size)
{
	size_t offset, n;

	for (offset = 0; offset < size; offset += n) {
		n = KF_PAGE_SIZE - ((uintptr_t)(to + offset) & (KF_PAGE_SIZE - 1));
		if (n > size - offset)
			n = size - offset;
		if (!is_zero(from + offset, n))
			memcpy(to + offset, from + offset, n);
	}
}

static const Elf64_Phdr *segments(const struct kernel_image *image, unsigned *count)
{
	const Elf64_Ehdr *header = (const Elf64_Ehdr *)image->elf;

	*count = header->e_phnum;
	return (const Elf64_Phdr *)(image->elf + header->e_phoff);
}

static int copy_segments(const struct kernel_image *image, char *err)
{
	unsigned i, count;
	const Elf64_Phdr *segment = segments(image, &count);
	uint64_t to;

	for (i = 0; i < count; i++) {
		if (segment[i].p_type != PT_LOAD)
			continue;
		to = IMAGE_BASE + segment[i].p_paddr - PHYS_LINK_BASE;
		if (!in_image(to) || to + segment[i].p_memsz > IMAGE_END ||
		    segment[i].p_offset + segment[i].p_filesz > image->elf_size) {
			snprintf(err, KF_ERR, "%s: the image does not fit its place (segment %u)",
				 image->version, i);
			return -1;
		}
		copy_sparse((uint8_t *)to, image->elf + segment[i].p_offset, segment[i].p_filesz);
	}
	return 0;
}

static void relocate(const struct kernel_image *image)
{
	size_t i;

	for (i = 0; i < image->reloc32_count; i++)
		*(uint32_t *)(image->reloc32[i] + IMAGE_DELTA) += (uint32_t)IMAGE_DELTA;
	for (i = 0; i < image->reloc_inverse32_count; i++)
		*(uint32_t *)(image->reloc_inverse32[i] + IMAGE_DELTA) -= (uint32_t)IMAGE_DELTA;
	for (i = 0; i < image->reloc64_count; i++)
		*(uint64_t *)(image->reloc64[i] + IMAGE_DELTA) += IMAGE_DELTA;
}

/* The per-CPU template is the segment that was linked at address 0. */
static const Elf64_Phdr *percpu_segment(const struct kernel_image *image)
{
	unsigned i, count;
	const Elf64_Phdr *segment = segments(image, &count);

	for (i = 0; i < count; i++)
		if (segment[i].p_type == PT_LOAD && segment[i].p_vaddr == 0)
			return &segment[i];
	return NULL;
}

uint64_t world_percpu_static(const struct kernel_image *image)
{
	const Elf64_Phdr *segment = percpu_segment(image);

	return segment ? (segment->p_memsz + KF_PAGE_SIZE - 1) & KF_PAGE_MASK : 0;
}

static void place_percpu(const struct kernel_image *image)
{
	const Elf64_Phdr *segment = percpu_segment(image);

	copy_sparse((uint8_t *)PERCPU_BASE,
		    (uint8_t *)(IMAGE_BASE + segment->p_paddr - PHYS_LINK_BASE), segment->p_filesz);
}

static void find_orc(const struct kernel_image *image)
{
	struct world_info *info = &world.info;
	uint64_t addr, size, offset;

	if (kernel_image_section(image, ".orc_unwind_ip", &addr, &size, &offset)) {
		info->orc_ip = addr + IMAGE_DELTA;
		info->orc_count = size / 4;
	}
	if (kernel_image_section(image, ".orc_unwind", &addr, &size, &offset))
		info->orc = addr + IMAGE_DELTA;
	info->orc_new_layout = kernel_image_section(image, ".orc_header", &addr, &size, &offset);
}

int world_place_image(const struct kernel_image *image, char *err)
{
	world.info.percpu_static = world_percpu_static(image);
	if (!world.info.percpu_static) {
		snprintf(err, KF_ERR, "%s: no per-CPU segment in the image", image->version);
		return -1;
	}
	if (copy_segments(image, err))
		return -1;
	relocate(image);
	place_percpu(image);
	find_orc(image);
	snprintf(world.info.version, sizeof(world.info.version), "%s", image->version);
	return 0;
}
