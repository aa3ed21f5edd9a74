/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Kernels at hand: where images, headers and modules of a version are, and what is inside an image.
 *
 * A version ("6.1.0-56-amd64") is looked for in this order: --kernel FILE; the installed system
 * (/boot/vmlinuz-V, /usr/src/linux-headers-V, /lib/modules/V); the cache, where `kfail kernel fetch
 * V` unpacks Debian's packages (CACHE/kernel/V/{boot,usr/src,lib/modules}). An image that is there
 * but not readable is passed over, and the sentence that ends in failure says so.
 */
#ifndef KFAIL_WORLD_KERNEL_H
#define KFAIL_WORLD_KERNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "../trace/symbols.h"

/* Error texts: functions that take `char *err` write one clear sentence (what, where, what to do),
 * without newline, of at most KF_ERR bytes. */
#define KF_ERR 1024

struct kernel_paths {
	char *version;
	char *image;	/* vmlinuz or vmlinux file; never NULL */
	char *headers;	/* kbuild directory that matches, or NULL */
	char *modules;	/* directory with modules.dep or kernel/, or NULL */
	bool installed; /* from the system, not the cache */
};

/* The cache directory: $KFAIL_CACHE, else $XDG_CACHE_HOME/kfail, else ~/.cache/kfail. Created.
 * NULL: cannot (err). */
const char *kernel_cache_dir(char *err);

/* Find a version. 0 or -1 (err names the places tried and the command that fetches it). */
int kernel_find(const char *version, struct kernel_paths *out, char *err);
/* Take this image file; version from the image; headers and modules looked for as above. */
int kernel_find_file(const char *image, struct kernel_paths *out, char *err);
/* All versions at hand, newest first; returns their number, fills at most max. */
unsigned kernel_list(struct kernel_paths *out, unsigned max);
void kernel_paths_clear(struct kernel_paths *paths);
/* Are there headers, and of just this version? 0 or -1 (err says what to install or fetch). */
int kernel_headers_check(const struct kernel_paths *paths, char *err);

/* Download and unpack image and headers packages of a version with apt-get download and dpkg -x;
 * make the unpacked headers usable where they are. 0 or -1 (err). Leaves nothing half done: unpacks
 * beside, then renames. */
int kernel_fetch(const char *version, char *err);

/* An image taken apart. */
struct kernel_image {
	char version[128]; /* from "Linux version ..." */
	uint8_t *elf;	   /* the vmlinux ELF, followed by the relocation lists */
	size_t elf_size;   /* of the ELF part */
	/* Virtual addresses (link time, as 64-bit) where a relocation applies. */
	uint64_t *reloc32, *reloc_inverse32, *reloc64;
	size_t reloc32_count, reloc_inverse32_count, reloc64_count;
	struct ksym_table
		symbols;     /* all of kallsyms, link-time addresses (per-CPU symbols: offsets) */
	uint64_t text_start; /* link address of the image's first byte: 0xffffffff81000000 */
};

/* Open a bzImage (xz, zstd, gzip, lz4-less) or a bare vmlinux with relocations. 0 or -1 (err): not
 * a kernel, truncated, wrong architecture, unknown compression, no relocations ("built without
 * CONFIG_RANDOMIZE_BASE ..."), no kallsyms. */
int kernel_image_open(const char *path, struct kernel_image *out, char *err);
void kernel_image_close(struct kernel_image *image);

/* The version of an image file alone; a bzImage is not unpacked for it. 0 or -1 (err). */
int kernel_image_version(const char *path, char *version, size_t max, char *err);

/* Address of a section by name in image->elf: link address, size, file offset. false: there is
 * none. */
bool kernel_image_section(const struct kernel_image *image, const char *name, uint64_t *addr,
			  uint64_t *size, uint64_t *offset);

#endif
