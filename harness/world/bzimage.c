// SPDX-License-Identifier: GPL-2.0-only
/*
 * The container of a distribution's kernel: a bzImage.
 *
 *	0          0x1f1        0x202          (setup_sects + 1) * 512
 *	+----------+------------+--------------+--------------------+---------+---------+
 *	| boot     | setup      | "HdrS" ...   | decompressor, 64   | payload | rest of |
 *	| sector   | header     |              | bit entry code     |         | it      |
 *	+----------+------------+--------------+--------------------+---------+---------+
 *	                          0x248: offset of the payload ------^
 *	                          0x24c: its length; the last four bytes of it are the unpacked size
 *
 * Fields as in arch/x86/boot/header.S and Documentation/x86/boot.rst (protocol 2.08 and later has
 * the payload; that is 2008). The payload is one compressed stream of vmlinux.bin followed by
 * vmlinux.relocs, as arch/x86/boot/compressed/Makefile puts them together.
 *
 * A file that is not a bzImage gets a sentence that says what it is, when that can be told.
 */
#include <stdio.h>
#include <stdlib.h>

#include "image.h"

#define SETUP_SECTS	     0x1f1
#define SETUP_BOOT_FLAG	     0x1fe
#define SETUP_MAGIC	     0x202
#define SETUP_PROTOCOL	     0x206
#define SETUP_VERSION_STRING 0x20e
#define SETUP_PAYLOAD_OFFSET 0x248
#define SETUP_PAYLOAD_LENGTH 0x24c
#define SETUP_END	     0x250
#define PROTOCOL_PAYLOAD     0x208
#define SECTOR		     512

bool bzimage_detect(const uint8_t *data, size_t size)
{
	return size >= SETUP_END && get16(data + SETUP_BOOT_FLAG) == 0xaa55 &&
	       !memcmp(data + SETUP_MAGIC, "HdrS", 4);
}

bool bzimage_version(const uint8_t *data, size_t size, char *version, size_t max)
{
	size_t at, n = 0;

	if (!bzimage_detect(data, size) || !get16(data + SETUP_VERSION_STRING))
		return false;
	at = (size_t)get16(data + SETUP_VERSION_STRING) + SECTOR;
	while (at + n < size && n + 1 < max && data[at + n] > ' ' && data[at + n] < 0x7f) {
		version[n] = (char)data[at + n];
		n++;
	}
	version[n] = '\0';
	return n && version[0] >= '0' && version[0] <= '9';
}

/* Where the payload is; -1 when the header says something impossible. */
static int find_payload(const char *path, const struct blob *file, const uint8_t **payload,
			size_t *size, char *err)
{
	const uint8_t *d = file->data;
	uint64_t sectors = d[SETUP_SECTS] ? d[SETUP_SECTS] : 4;
	uint64_t offset = (sectors + 1) * SECTOR + get32(d + SETUP_PAYLOAD_OFFSET);
	uint64_t length = get32(d + SETUP_PAYLOAD_LENGTH);

	if (get16(d + SETUP_PROTOCOL) < PROTOCOL_PAYLOAD)
		return kf_fail(err,
			       "%s: boot protocol %x.%02x is older than 2.08 and names no payload",
			       path, d[SETUP_PROTOCOL + 1], d[SETUP_PROTOCOL]);
	if (!in_bounds(offset, length, file->size))
		return kf_fail(
			err,
			"%s: truncated: the compressed kernel needs %llu bytes at offset %llu "
			"and the file has %zu",
			path, (unsigned long long)length, (unsigned long long)offset, file->size);
	if (length < 8)
		return kf_fail(err, "%s: the boot image holds no compressed kernel", path);
	*payload = d + offset;
	*size = length;
	return 0;
}

int bzimage_unpack(const char *path, const struct blob *file, struct blob *out, char *err)
{
	const uint8_t *payload;
	enum compression c;
	const char *why;
	size_t size, expect;

	if (find_payload(path, file, &payload, &size, err))
		return -1;
	c = compression_of(payload, size);
	if (c == COMPRESSION_NONE)
		return kf_fail(
			err,
			"%s: the kernel inside is compressed in a way that kfail does not know "
			"(it begins with %02x %02x %02x %02x)",
			path, payload[0], payload[1], payload[2], payload[3]);
	if (c >= COMPRESSION_LZ4)
		return kf_fail(err,
			       "%s: the kernel inside is compressed with %s, which kfail does not "
			       "read: give the vmlinux file instead",
			       path, compression_name(c));
	expect = get32(payload + size - 4);
	if (kf_decompress(c, payload, size, expect, out, &why))
		return kf_fail(err, "%s: cannot unpack the kernel inside: %s", path, why);
	if (out->size == expect)
		return 0;
	kf_error(err, "%s: cannot unpack the kernel inside: it has %zu bytes and should have %zu",
		 path, out->size, expect);
	free(out->data);
	return -1;
}
