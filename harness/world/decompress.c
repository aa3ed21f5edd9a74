// SPDX-License-Identifier: GPL-2.0-only
/*
 * Unpacking compressed kernels and modules with the distribution's libraries.
 *
 * All formats are driven the same way: feed all input, let the decoder fill a buffer, and double
 * the buffer when it is full. With a right `expect` (kernel images carry their size) nothing is
 * ever copied. The buffer stops growing at DECOMPRESS_MAX, so that a forged file cannot take the
 * machine's memory.
 *
 * What the magic numbers are: lib/decompress.c and scripts/extract-vmlinux of the kernel.
 */
#include <lzma.h>
#include <stdlib.h>
#include <zlib.h>
#include <zstd.h>

#include "file.h"

#define DECOMPRESS_MAX (1ULL << 30)
#define DICTIONARY_LOG 29
#define DICTIONARY_MAX (1ULL << DICTIONARY_LOG)
/* No kernel is packed as well as this; an `expect` above it is not believed in advance. */
#define RATIO_USUAL    64
#define EXPECT_UNKNOWN (256u << 10)

static const struct magic {
	enum compression compression;
	uint8_t size, bytes[6];
	const char *name;
} magics[] = {
	{COMPRESSION_XZ, 6, {0xfd, '7', 'z', 'X', 'Z', 0}, "xz"},
	{COMPRESSION_ZSTD, 4, {0x28, 0xb5, 0x2f, 0xfd}, "zstd"},
	{COMPRESSION_GZIP, 2, {0x1f, 0x8b}, "gzip"},
	{COMPRESSION_LZMA, 3, {0x5d, 0, 0}, "lzma"},
	{COMPRESSION_LZ4, 4, {0x02, 0x21, 0x4c, 0x18}, "lz4"},
	{COMPRESSION_LZ4, 4, {0x04, 0x22, 0x4d, 0x18}, "lz4"},
	{COMPRESSION_BZIP2, 3, {'B', 'Z', 'h'}, "bzip2"},
	{COMPRESSION_LZO, 4, {0x89, 'L', 'Z', 'O'}, "lzo"},
};

enum compression compression_of(const uint8_t *data, size_t size)
{
	const struct magic *m;

	for (m = magics; m < magics + sizeof(magics) / sizeof(*magics); m++) {
		if (size >= m->size && !memcmp(data, m->bytes, m->size))
			return m->compression;
	}
	return COMPRESSION_NONE;
}

const char *compression_name(enum compression c)
{
	const struct magic *m;

	for (m = magics; m < magics + sizeof(magics) / sizeof(*magics); m++) {
		if (m->compression == c)
			return m->name;
	}
	return "unknown compression";
}

/* Input left, output filled; `capacity` is what out->data holds. */
struct unpack {
	const uint8_t *in;
	size_t in_size;
	struct blob out;
	size_t capacity;
	const char *why;
};

/* Room for more output. false: the limit is reached. */
static bool make_room(struct unpack *u)
{
	size_t capacity = u->capacity * 2;
	uint8_t *data;

	if (u->out.size < u->capacity)
		return true;
	if (u->capacity >= DECOMPRESS_MAX) {
		u->why = "more than 1 GiB comes out of it";
		return false;
	}
	if (capacity > DECOMPRESS_MAX)
		capacity = DECOMPRESS_MAX;
	data = realloc(u->out.data, capacity);
	if (!data) {
		u->why = "there is not enough memory to unpack it";
		return false;
	}
	u->out.data = data;
	u->capacity = capacity;
	return true;
}

/* Both formats of liblzma; `lzma` is the old one, without a check sum. */
static bool unpack_xz(struct unpack *u, bool lzma)
{
	lzma_stream s = LZMA_STREAM_INIT;
	lzma_ret ret = lzma ? lzma_alone_decoder(&s, DICTIONARY_MAX)
			    : lzma_stream_decoder(&s, DICTIONARY_MAX, 0);

	s.next_in = u->in;
	s.avail_in = u->in_size;
	while (ret == LZMA_OK && make_room(u)) {
		s.next_out = u->out.data + u->out.size;
		s.avail_out = u->capacity - u->out.size;
		ret = lzma_code(&s, LZMA_RUN);
		u->out.size = (size_t)(s.next_out - u->out.data);
		if (ret == LZMA_OK && !s.avail_in && s.avail_out)
			ret = LZMA_BUF_ERROR;
	}
	lzma_end(&s);
	if (ret == LZMA_BUF_ERROR)
		u->why = "the xz data end too early";
	else if (ret != LZMA_STREAM_END && !u->why)
		u->why = "the xz data are corrupt";
	return ret == LZMA_STREAM_END;
}

static bool unpack_zstd(struct unpack *u)
{
	ZSTD_DCtx *ctx = ZSTD_createDCtx();
	ZSTD_inBuffer in = {u->in, u->in_size, 0};
	ZSTD_outBuffer out;
	size_t ret = 1;

	if (!ctx)
		u->why = "there is not enough memory to unpack it";
	else
		ZSTD_DCtx_setParameter(ctx, ZSTD_d_windowLogMax, DICTIONARY_LOG);
	while (ctx && ret && !ZSTD_isError(ret) && make_room(u)) {
		out = (ZSTD_outBuffer){u->out.data, u->capacity, u->out.size};
		ret = ZSTD_decompressStream(ctx, &out, &in);
		u->out.size = out.pos;
		if (ret && in.pos == in.size && out.pos < out.size)
			break;
	}
	ZSTD_freeDCtx(ctx);
	if (ZSTD_isError(ret))
		u->why = "the zstd data are corrupt";
	else if (ret && !u->why)
		u->why = "the zstd data end too early";
	return !ret;
}

static bool unpack_gzip(struct unpack *u)
{
	z_stream s = {.next_in = (Bytef *)u->in, .avail_in = (uInt)u->in_size};
	int ret = inflateInit2(&s, 16 + MAX_WBITS);

	if (ret != Z_OK) {
		u->why = "there is not enough memory to unpack it";
		return false;
	}
	while (ret == Z_OK && make_room(u)) {
		s.next_out = u->out.data + u->out.size;
		s.avail_out = (uInt)(u->capacity - u->out.size);
		ret = inflate(&s, Z_NO_FLUSH);
		u->out.size = (size_t)(s.next_out - u->out.data);
	}
	inflateEnd(&s);
	if (ret == Z_BUF_ERROR)
		u->why = "the gzip data end too early";
	else if (ret != Z_STREAM_END && !u->why)
		u->why = "the gzip data are corrupt";
	return ret == Z_STREAM_END;
}

static bool unpack(struct unpack *u, enum compression c)
{
	switch (c) {
	case COMPRESSION_XZ:
		return unpack_xz(u, false);
	case COMPRESSION_LZMA:
		return unpack_xz(u, true);
	case COMPRESSION_ZSTD:
		return unpack_zstd(u);
	case COMPRESSION_GZIP:
		return unpack_gzip(u);
	default:
		u->why = "kfail reads xz, zstd, gzip and lzma only";
		return false;
	}
}

int kf_decompress(enum compression c, const uint8_t *data, size_t size, size_t expect,
		  struct blob *out, const char **why)
{
	struct unpack u = {.in = data, .in_size = size};

	u.capacity = expect ? expect : EXPECT_UNKNOWN;
	if (u.capacity > size * RATIO_USUAL + EXPECT_UNKNOWN)
		u.capacity = size * RATIO_USUAL + EXPECT_UNKNOWN;
	/* One byte more, so that a stream of just this size ends without asking for room. */
	u.capacity = (u.capacity < DECOMPRESS_MAX ? u.capacity : DECOMPRESS_MAX - 1) + 1;
	u.out.data = malloc(u.capacity);
	if (u.out.data && unpack(&u, c)) {
		*out = u.out;
		return 0;
	}
	*why = u.why ? u.why : "there is not enough memory to unpack it";
	free(u.out.data);
	memset(out, 0, sizeof(*out));
	return -1;
}
