// SPDX-License-Identifier: GPL-2.0-only
/*
 * libkfail-malloc.so: malloc() and its kin of any program, served by kmalloc. For LD_PRELOAD; that is how suites
 * and benchmarks of allocators run on kfail's. Behaves as malloc(3) of glibc says: malloc(0) is an object, ENOMEM is
 * set, what was aligned is freed like everything else; objects of 16 bytes and more are aligned to 16.
 *
 * The fast path is kmalloc's. realloc() stays in place while the block holds the new size and would not be more than
 * half empty.
 */
#include <errno.h>
#include <malloc.h>
#include <stdlib.h>
#include <unistd.h>

#include "../../allocator/slab/plain.h"
#include "preload.h"

#define EXPORT __attribute__((visibility("default")))

/* ---- long ways ---------------------------------------------------------------------------------------- */

static void *out_of_memory(void)
{
	errno = ENOMEM;
	return NULL;
}

static void *take(size_t size, size_t align)
{
	if (size > MAX_RUN || align > MAX_RUN)
		return map_alloc(size, align);
	if (size > MAX_OBJECT || align > MAX_OBJECT)
		return run_alloc(size, align);
	return kf_kmalloc(size, KF_GFP_KERNEL | KF_GFP_NOWARN);
}

static __attribute__((noinline)) void *slow_alloc(size_t size, size_t align)
{
	void *p = NULL;

	if (size <= PTRDIFF_MAX) {
		enter();
		p = take(size ? size : 1, align);
		leave();
	}
	return p ? p : out_of_memory();
}

static void give(void *p)
{
	if (kf_slab_at(p))
		kf_kfree(p);
	else if (run_size(p))
		run_free(p);
	else
		map_free(p);
}

/* errno is what it was: free() may stand between a failure and its report. */
static __attribute__((noinline)) void slow_free(void *p)
{
	int saved = errno;

	if (!p)
		return;
	enter();
	give(p);
	leave();
	errno = saved;
}

static size_t size_of(const void *p)
{
	const struct kf_slab *slab = kf_slab_at(p);
	size_t run;

	if (slab)
		return slab->cache->object_size;
	run = run_size(p);
	return run ? run : map_size(p);
}

/* ---- malloc(3) ------------------------------------------------------------------------------------------ */

EXPORT void *malloc(size_t size)
{
	void *p = kf_plain_kmalloc(size, KF_GFP_KERNEL);

	return p ? p : slow_alloc(size, 1);
}

EXPORT void free(void *p)
{
	if (!kf_plain_kfree(p))
		slow_free(p);
}

EXPORT void cfree(void *p);
EXPORT void cfree(void *p)
{
	free(p);
}

EXPORT void *calloc(size_t n, size_t size)
{
	size_t bytes;
	void *p;

	if (__builtin_mul_overflow(n, size, &bytes))
		return out_of_memory();
	p = kf_plain_kmalloc(bytes, KF_GFP_KERNEL);
	if (!p)
		p = slow_alloc(bytes, 1);
	if (p && bytes <= MAX_RUN) /* mappings are zero */
		memset(p, 0, bytes);
	return p;
}

static void *move(void *old, size_t kept, size_t size)
{
	void *p = malloc(size);

	if (!p)
		return NULL;
	memcpy(p, old, kept < size ? kept : size);
	free(old);
	return p;
}

EXPORT void *realloc(void *p, size_t size)
{
	size_t have;

	if (!p)
		return malloc(size);
	if (!size) {
		free(p);
		return NULL;
	}
	if (size > PTRDIFF_MAX)
		return out_of_memory();
	have = size_of(p);
	if (size <= have && size >= have / 2)
		return p;
	if (have > MAX_RUN && size > MAX_RUN) {
		p = map_resize(p, size);
		return p ? p : out_of_memory();
	}
	return move(p, have, size);
}

EXPORT void *reallocarray(void *p, size_t n, size_t size)
{
	size_t bytes;

	if (__builtin_mul_overflow(n, size, &bytes))
		return out_of_memory();
	return realloc(p, bytes);
}

EXPORT size_t malloc_usable_size(void *p)
{
	return p ? size_of(p) : 0;
}

/* ---- alignment ------------------------------------------------------------------------------------------ */

/* Objects of a power of two are aligned to their size. */
static void *aligned(size_t align, size_t size)
{
	size_t object = size > align ? size : align;

	if (align <= 8)
		return malloc(size);
	if (object > MAX_OBJECT)
		return slow_alloc(size, align);
	return malloc((size_t)1 << (64 - __builtin_clzll(object - 1)));
}

static bool is_power_of_two(size_t n)
{
	return n && !(n & (n - 1));
}

EXPORT int posix_memalign(void **out, size_t align, size_t size)
{
	int saved = errno;
	void *p;

	if (align % sizeof(void *) || !is_power_of_two(align))
		return EINVAL;
	p = aligned(align, size);
	errno = saved;
	if (!p)
		return ENOMEM;
	*out = p;
	return 0;
}

EXPORT void *aligned_alloc(size_t align, size_t size)
{
	if (is_power_of_two(align))
		return aligned(align, size);
	errno = EINVAL;
	return NULL;
}

/* glibc rounds a strange alignment up. */
EXPORT void *memalign(size_t align, size_t size)
{
	if (align > SIZE_MAX / 2 + 1) {
		errno = EINVAL;
		return NULL;
	}
	while (!is_power_of_two(align))
		align = align ? (align | (align - 1)) + 1 : 1;
	return aligned(align, size);
}

EXPORT void *valloc(size_t size)
{
	return aligned(KF_PAGE_SIZE, size);
}

EXPORT void *pvalloc(size_t size)
{
	if (size > PTRDIFF_MAX)
		return out_of_memory();
	return aligned(KF_PAGE_SIZE, kf_align_up(size ? size : 1, KF_PAGE_SIZE));
}
