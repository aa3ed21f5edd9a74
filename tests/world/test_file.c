// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reading files and unpacking: every format there and back, every format cut short, and the
 * sentences.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fake.h"

#define PLAIN_SIZE 300000

static const enum compression formats[] = {COMPRESSION_XZ, COMPRESSION_ZSTD, COMPRESSION_GZIP,
					   COMPRESSION_LZMA};

/* Bytes that compress, but not to nothing. */
static struct blob plain_bytes(void)
{
	struct blob b = {kf_array(NULL, PLAIN_SIZE, 1), PLAIN_SIZE};
	uint32_t x = 1;
	size_t i;

	for (i = 0; i < b.size; i++) {
		x = x * 1103515245 + 12345;
		b.data[i] = (uint8_t)(x >> 28);
	}
	return b;
}

/* Expect: the same bytes, whether the size was known, unknown, or wrong. */
static void there_and_back(void)
{
	static const size_t expect[] = {0, PLAIN_SIZE, PLAIN_SIZE - 1, 1, UINT32_MAX};
	struct blob plain = plain_bytes(), packed, out;
	const char *why;
	size_t i, k;

	for (i = 0; i < 4; i++) {
		packed = fake_compress(&plain, formats[i]);
		CU_ASSERT_EQUAL(compression_of(packed.data, packed.size), formats[i]);
		for (k = 0; k < 5; k++) {
			CU_ASSERT_EQUAL_FATAL(kf_decompress(formats[i], packed.data, packed.size,
							    expect[k], &out, &why),
					      0);
			CU_ASSERT_EQUAL(out.size, plain.size);
			CU_ASSERT(!memcmp(out.data, plain.data, plain.size));
			free(out.data);
		}
		free(packed.data);
	}
	free(plain.data);
}

/* Expect: -1 and a reason for every beginning of the stream. */
static void cut_short(void)
{
	struct blob plain = plain_bytes(), packed, out;
	const char *why;
	size_t i, n;

	for (i = 0; i < 4; i++) {
		packed = fake_compress(&plain, formats[i]);
		for (n = 0; n + 32 < packed.size; n += packed.size / 40) {
			why = NULL;
			CU_ASSERT_EQUAL(kf_decompress(formats[i], packed.data, n, 0, &out, &why),
					-1);
			CU_ASSERT_PTR_NOT_NULL(why);
			CU_ASSERT_PTR_NULL(out.data);
		}
		free(packed.data);
	}
	free(plain.data);
}

/* Expect: no crash, and either a reason or some bytes, for a flipped bit anywhere in the first
 * part. */
static void flipped(void)
{
	struct blob plain = plain_bytes(), packed, out;
	const char *why;
	size_t i, n;

	for (i = 0; i < 4; i++) {
		packed = fake_compress(&plain, formats[i]);
		for (n = 0; n < 64; n++) {
			packed.data[n] ^= 0x10;
			if (!kf_decompress(formats[i], packed.data, packed.size, 0, &out, &why))
				free(out.data);
			packed.data[n] ^= 0x10;
		}
		free(packed.data);
	}
	free(plain.data);
}

/* 64 MiB from some KiB, with no hint of the size. Expect: the buffer grows as it must. */
static void bomb(void)
{
	struct blob plain = {calloc(1, 64 << 20), 64 << 20}, packed, out;
	const char *why = "";
	unsigned i;

	CU_ASSERT_PTR_NOT_NULL_FATAL(plain.data);
	packed = fake_compress(&plain, COMPRESSION_ZSTD);
	CU_ASSERT_EQUAL(kf_decompress(COMPRESSION_ZSTD, packed.data, packed.size, 0, &out, &why),
			0);
	for (i = 0; i < 64; i++)
		CU_ASSERT_EQUAL(out.data[i << 20], 0);
	free(out.data);
	free(packed.data);
	free(plain.data);
}

static void expect_refusal(const char *path, const char *text)
{
	struct blob b = {(uint8_t *)1, 1};
	char err[KF_ERR] = "";

	CU_ASSERT_EQUAL(kf_read_file(path, &b, err), -1);
	CU_ASSERT_PTR_NULL(b.data);
	ASSERT_SAYS(err, text);
	ASSERT_SAYS(err, path);
}

static void refused_files(void)
{
	const char *fifo = scratch("file/fifo");

	expect_refusal(scratch("file/nowhere"), "cannot open: No such file or directory");
	expect_refusal("/", "is a directory");
	expect_refusal("/dev/null", "is not a regular file");
	CU_ASSERT_EQUAL(mkfifo(fifo, 0600), 0);
	expect_refusal(fifo, "is not a regular file");
}

static void whole_files(void)
{
	struct blob b;

	scratch_write("file/empty", "", 0);
	CU_ASSERT_EQUAL(kf_read_file(scratch("file/empty"), &b, NULL), 0);
	CU_ASSERT_EQUAL(b.size, 0);
	free(b.data);
	scratch_write("file/four", "a\0b\n", 4);
	CU_ASSERT_EQUAL(kf_read_file(scratch("file/four"), &b, NULL), 0);
	CU_ASSERT_EQUAL(b.size, 4);
	CU_ASSERT(!memcmp(b.data, "a\0b\n", 4));
	free(b.data);
}

/* An error longer than the room for it is cut, and the room may be missing. */
static void long_errors(void)
{
	char err[KF_ERR + 1], text[3 * KF_ERR];

	memset(text, 'x', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	err[KF_ERR] = '!';
	CU_ASSERT_EQUAL(kf_fail(err, "%s", text), -1);
	CU_ASSERT_EQUAL(strlen(err), KF_ERR - 1);
	CU_ASSERT_EQUAL(err[KF_ERR], '!');
	CU_ASSERT_EQUAL(kf_fail(NULL, "%s", text), -1);
}

static void programs(void)
{
	const char *const good[] = {"sh", "-c", "echo out; echo err >&2; pwd; exit 3", NULL};
	const char *const none[] = {"kfail-no-such-program", NULL};
	char *output;

	CU_ASSERT_EQUAL(kf_run("/", good, &output), 3);
	CU_ASSERT_STRING_EQUAL(output, "out\nerr\n/\n");
	free(output);
	CU_ASSERT_EQUAL(kf_run("/", none, &output), -1);
	/* The second where a directory in PATH may not be searched. */
	CU_ASSERT(errno == ENOENT || errno == EACCES);
	free(output);
}

CU_TestInfo file_tests[] = {
	{"xz, zstd, gzip, lzma there and back", there_and_back},
	{"compressed data cut short", cut_short},
	{"compressed data with flipped bits", flipped},
	{"much from little", bomb},
	{"files that are none", refused_files},
	{"files as they are", whole_files},
	{"error texts have a limit", long_errors},
	{"programs are run and heard", programs},
	CU_TEST_INFO_NULL,
};
