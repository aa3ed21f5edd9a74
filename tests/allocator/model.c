// SPDX-License-Identifier: GPL-2.0-only
/* The reference model: contents and ownership. */
#include "model.h"

#include <stdio.h>
#include <stdlib.h>

#define GRANULE	 4	    /* the smallest piece that anything is cut into: per-CPU memory */
#define GRANULES (1u << 24) /* 64 MiB of physical memory */
#define PERCPU	 (1u << 20) /* granules of a per-CPU unit, behind them */

struct thing things[MOST];
unsigned nr_things;
u64 step;
bool failed;

static u64 taken[(GRANULES + PERCPU) / 64];

/* What goes wrong after the first failure is its doing, so only that is told. */
bool sound(bool ok, const char *what)
{
	if (ok || failed)
		return ok;
	failed = true;
	fprintf(stderr, "\nstep %llu, seed %llu: %s\n", (unsigned long long)step,
		(unsigned long long)seed, what);
	CU_FAIL("the allocators and the model disagree");
	return false;
}

void model_reset(void)
{
	memset(taken, 0, sizeof(taken));
	nr_things = 0;
	step = 0;
	failed = false;
}

/* ---- ownership -------------------------------------------------------------------------------------- */

static u64 bits(u64 low, u64 high)
{
	u64 below_high = high == 64 ? ~0ull : (1ull << high) - 1;

	return below_high & ~((1ull << low) - 1);
}

/* Flip the bits of granules [from, to), which must all be `was`. */
static void flip(u64 from, u64 to, bool was, const char *what)
{
	if (!sound(to <= GRANULES + PERCPU && from < to, "memory lies outside of the world"))
		return;
	while (from < to) {
		u64 end = (from | 63) + 1 < to ? (from | 63) + 1 : to;
		u64 mask = bits(from % 64, end - (from & ~63ull));

		if ((taken[from / 64] & mask) != (was ? mask : 0))
			sound(false, what);
		taken[from / 64] ^= mask;
		from = end;
	}
}

static void flip_bytes(u64 phys, u64 size, bool was, const char *what)
{
	flip(phys / GRANULE, (phys + size + GRANULE - 1) / GRANULE, was, what);
}

/* A mapping takes the frames behind it, page by page. */
static void flip_mapping(const struct thing *t, bool was, const char *what)
{
	for (u64 at = 0; at < t->size; at += KF_PAGE_SIZE) {
		struct page *page = kf_vmalloc_to_page(t->p + at);

		if (sound(page != NULL, "a page of an area is not mapped"))
			flip_bytes(kf_page_to_pfn(page) << KF_PAGE_SHIFT, KF_PAGE_SIZE, was, what);
	}
}

static bool is_cookie(const struct thing *t)
{
	return (u64)(uintptr_t)t->p < kf_layout()->percpu_unit;
}

static void flip_thing(const struct thing *t, bool was, const char *what)
{
	if (is_cookie(t))
		flip_bytes((u64)GRANULES * GRANULE + (u64)(uintptr_t)t->p, t->size, was, what);
	else if (kf_is_vmalloc_or_module_addr(t->p))
		flip_mapping(t, was, what);
	else
		flip_bytes(kf_virt_to_phys(t->p), t->size, was, what);
}

void model_claim(const struct thing *t)
{
	flip_thing(t, false, "memory was given out twice");
}

void model_release(const struct thing *t)
{
	flip_thing(t, true, "memory was not owned by who frees it");
}

/* ---- contents --------------------------------------------------------------------------------------- */

char *model_bytes(const struct thing *t)
{
	if (is_cookie(t))
		return kf_per_cpu_ptr((u64)(uintptr_t)t->p, (unsigned)(t->stamp % 8));
	return t->p;
}

void model_fill(struct thing *t)
{
	char *p;

	t->stamp = random_number();
	p = model_bytes(t);
	for (u64 i = 0; i < t->size; i += 64)
		p[i] = (char)(t->stamp + i / 64);
	p[t->size - 1] = (char)t->stamp;
}

bool model_intact(const struct thing *t)
{
	const char *p = model_bytes(t);

	for (u64 i = 0; i + 1 < t->size; i += 64)
		if (p[i] != (char)(t->stamp + i / 64))
			return false;
	return p[t->size - 1] == (char)t->stamp;
}
