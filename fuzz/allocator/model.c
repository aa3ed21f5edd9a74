// SPDX-License-Identifier: GPL-2.0-only
/* The reference model: contents and ownership. */
#include "model.h"

#include <string.h>
#include "../../allocator/core/memory.h"
#include "../../allocator/kin/percpu.h"
#include "../../allocator/vmalloc/vmalloc.h"

#define GRANULE	 4	    /* the smallest piece that anything is cut into: per-CPU memory */
#define GRANULES (1u << 24) /* 64 MiB of physical memory */
#define PERCPU	 (1u << 20) /* granules of a per-CPU unit, behind them */

void (*model_disagrees)(const char *what);

static u64 taken[(GRANULES + PERCPU) / 64];

static bool sound(bool ok, const char *what)
{
	if (!ok)
		model_disagrees(what);
	return ok;
}

void model_reset(void)
{
	memset(taken, 0, sizeof(taken));
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

static u64 granules(u64 bytes)
{
	return (bytes + GRANULE - 1) / GRANULE;
}

/* A granule belongs to who has its first byte: what lies side by side without alignment takes none twice. */
static void flip_bytes(u64 phys, u64 size, bool was, const char *what)
{
	if (granules(phys) < granules(phys + size))
		flip(granules(phys), granules(phys + size), was, what);
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

/* HighMem has its place in the window that only the allocators know. */
static u64 phys_of(const char *p)
{
	u64 high = (u64)(uintptr_t)p - kf_layout()->high_map;

	return kf_pfn_is_high(high >> KF_PAGE_SHIFT) ? high : kf_virt_to_phys(p);
}

static void flip_thing(const struct thing *t, bool was, const char *what)
{
	if (is_cookie(t))
		flip_bytes((u64)GRANULES * GRANULE + (u64)(uintptr_t)t->p, t->size, was, what);
	else if (kf_is_vmalloc_or_module_addr(t->p))
		flip_mapping(t, was, what);
	else
		flip_bytes(phys_of(t->p), t->size, was, what);
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
		return kf_per_cpu_ptr((u64)(uintptr_t)t->p,
				      (unsigned)(t->stamp % kf_layout()->nr_cpus));
	return t->p;
}

/* Bytes from one that is written to the next: of what is large, each page has one. */
static u64 step_of(u64 size)
{
	return size > 65536 ? KF_PAGE_SIZE : 64;
}

void model_fill(struct thing *t, u64 stamp)
{
	const u64 step = step_of(t->size);
	char *p;

	t->stamp = stamp;
	if (!t->size)
		return;
	p = model_bytes(t);
	for (u64 i = 0; i < t->size; i += step)
		p[i] = (char)(t->stamp + i / 64);
	p[t->size - 1] = (char)t->stamp;
}

bool model_intact_to(const struct thing *t, u64 size)
{
	const u64 step = step_of(t->size);
	const char *p = model_bytes(t);

	for (u64 i = 0; i < size && i + 1 < t->size; i += step)
		if (p[i] != (char)(t->stamp + i / 64))
			return false;
	return !t->size || size < t->size || p[t->size - 1] == (char)t->stamp;
}

bool model_intact(const struct thing *t)
{
	return model_intact_to(t, t->size);
}
