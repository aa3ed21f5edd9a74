/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Bytes from outside: files read whole, compressed bytes unpacked, little-endian fields fetched
 * with their bounds checked, and error sentences. Everything that reads a kernel image or a module
 * goes through here, so that nothing below has to think about alignment, overflow or a file that
 * changes while it is read.
 */
#ifndef KFAIL_WORLD_FILE_H
#define KFAIL_WORLD_FILE_H

#include <elf.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct blob {
	uint8_t *data; /* malloc()ed */
	size_t size;
};

/* Write one sentence into err (KF_ERR bytes; may be NULL). */
void kf_error(char *err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* The same, as -1, which the compiler sees too. */
#define kf_fail(...) (kf_error(__VA_ARGS__), -1)

/* Read a regular file whole. 0 or -1 (err: "PATH: cannot open: ..." ). */
int kf_read_file(const char *path, struct blob *out, char *err);
/* The first bytes of a file into `data`; returns how many, or -1 (errno). */
long kf_read_head(const char *path, void *data, size_t size);
/* A small text file as a string without its last newline; NULL: there is none. */
char *kf_read_text(const char *path);

/* A string of any length, as asprintf; never NULL (memory exhausted: abort). */
char *kf_format(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* malloc/realloc of an array, never NULL. */
void *kf_array(void *old, size_t count, size_t size);
char *kf_strdup(const char *s);

/* Run a program in a directory. Its exit status; -1: it could not be run (errno). *output: all that
 * it wrote, to both streams (malloc()ed). */
int kf_run(const char *directory, const char *const *argv, char **output);

enum compression {
	COMPRESSION_NONE, /* no magic number that we know */
	COMPRESSION_XZ,
	COMPRESSION_ZSTD,
	COMPRESSION_GZIP,
	COMPRESSION_LZMA,
	COMPRESSION_LZ4, /* known by name only, from here on */
	COMPRESSION_BZIP2,
	COMPRESSION_LZO,
};

enum compression compression_of(const uint8_t *data, size_t size);
const char *compression_name(enum compression c);

/*
 * Unpack; `expect` is a hint for the size, what follows the compressed stream is ignored. 0 or -1
 * with *why set to half a sentence ("the xz data are corrupt").
 */
int kf_decompress(enum compression c, const uint8_t *data, size_t size, size_t expect,
		  struct blob *out, const char **why);

/* Is [offset, offset + size) inside of [0, total)? No overflow. */
static inline bool in_bounds(uint64_t offset, uint64_t size, uint64_t total)
{
	return offset <= total && size <= total - offset;
}

static inline uint16_t get16(const uint8_t *p)
{
	return (uint16_t)(p[0] | p[1] << 8);
}

static inline uint32_t get32(const uint8_t *p)
{
	return get16(p) | (uint32_t)get16(p + 2) << 16;
}

static inline uint64_t get64(const uint8_t *p)
{
	return get32(p) | (uint64_t)get32(p + 4) << 32;
}

static inline bool ends_with(const char *s, const char *end)
{
	size_t n = strlen(s), m = strlen(end);

	return n >= m && !strcmp(s + n - m, end);
}

static inline bool starts_with(const char *s, const char *start)
{
	return !strncmp(s, start, strlen(start));
}

#endif
