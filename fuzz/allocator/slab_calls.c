// SPDX-License-Identifier: GPL-2.0-only
/*
 * Calls of the slab allocator: kmalloc and kin.
 */
#include "oracle.h"

#include <string.h>
#include "../../allocator/core/memory.h"
#include "../../allocator/core/objects.h"
#include "../../allocator/core/settings.h"
#include "../../allocator/slab/slab.h"

static void put_kmalloc(struct thing *t)
{
	kf_kfree(t->p);
}

static const struct family kmalloc_family = {.name = "kmalloc", .put = put_kmalloc, .dies = true};

/* Slabs have no pages without an address, and take none that could move; a compound page is the allocator's business. */
static u32 slab_gfp(const uint8_t *call)
{
	return fuzz_gfp(fuzz_get(&field_gfp, call)) &
	       ~(u32)(KF_GFP_HIGHMEM | KF_GFP_DMA32 | KF_GFP_MOVABLE | KF_GFP_COMP);
}

/* Powers of two are aligned to themselves, everything to eight bytes; whole pages to a page. */
static void check_kmalloc_alignment(const struct thing *t)
{
	u64 align = t->size & (t->size - 1) || t->size < 8 ? 8 : t->size;

	if (align > KF_PAGE_SIZE)
		align = KF_PAGE_SIZE;
	sound(!((uintptr_t)t->p & (align - 1)), "an object is not aligned");
}

static void check_record(const struct thing *t)
{
	struct kf_object obj;

	if (!oracle_hooks || !oracle_guards)
		return;
	if (!sound(kf_object_at(t->p + t->size / 2, &obj), "a live object is not known"))
		return;
	sound(obj.live && obj.addr == t->p, "a record is of another object");
	sound(obj.size == t->size, "a record has another size");
	sound(obj.alloc_tag == call_number + 1, "a record is of another call");
}

/* What every kmalloc() must be, whoever asked for it. */
static bool kmalloc_is_right(void *p, u64 size, u32 gfp)
{
	if (!size) {
		sound(p == KF_ZERO_SIZE_PTR, "kmalloc(0) is not ZERO_SIZE_PTR");
		return false;
	}
	if (size > KF_KMALLOC_MAX_SIZE) {
		sound(!p, "kmalloc above its limit was served");
		return false;
	}
	return result_is_right(p, size, gfp, false, false);
}

static void take_kmalloc(u32 handle, u64 size, u32 gfp)
{
	struct thing t = {.family = &kmalloc_family, .size = size, .gfp = gfp};

	things_free(handle);
	t.p = kf_kmalloc(size, gfp);
	if (!kmalloc_is_right(t.p, size, gfp))
		return;
	check_kmalloc_alignment(&t);
	check_record(&t);
	things_add(handle, &t);
}

void do_kmalloc(const uint8_t *call)
{
	take_kmalloc(fuzz_get(&field_to, call), fuzz_get(&field_size, call), slab_gfp(call));
}

/* include/linux/slab.h: the product is looked at by the caller. */
void do_kmalloc_array(const uint8_t *call)
{
	u64 bytes = (u64)fuzz_get(&field_count, call) * fuzz_get(&field_size, call);

	take_kmalloc(fuzz_get(&field_to, call), bytes, slab_gfp(call));
}

/* The object has `size` bytes and perhaps another place now. */
static void resized(u32 handle, char *p, u64 size)
{
	struct thing *t = &handles[handle].thing;
	struct thing now = *t;

	now.p = p;
	sound(model_intact_to(&now, size < t->size ? size : t->size), "krealloc lost content");
	things_bytes += size - t->size;
	t->p = p;
	t->size = size;
	model_claim(t);
	things_fill(t);
	roots[handle] = p;
	handles[handle].forgotten = false;
}

static void grow(u32 handle, u64 size, u32 gfp)
{
	struct thing *t = &handles[handle].thing;
	u64 usable = oracle_guards ? kf_kmalloc_size_roundup(t->size) : 0;
	char *old = t->p, *p;

	things_look(t);
	if (oracle_over)
		return;
	model_release(t);
	p = kf_krealloc(old, size, gfp);
	if (size <= usable)
		sound(p == old && !told.asks, "krealloc within its bucket is not in place");
	if (p) {
		sound(p == old || !told.refusals, "a refused krealloc moved");
		sound(size <= KF_KMALLOC_MAX_SIZE, "krealloc above its limit was served");
		resized(handle, p, size);
		return;
	}
	result_is_right(false, size, gfp, size > KF_KMALLOC_MAX_SIZE, false);
	model_claim(t);
	sound(model_intact(t), "a failed krealloc changed the old object");
}

/* krealloc(p, 0) is kfree(p). */
static void shrink_to_nothing(u32 handle)
{
	struct thing t = things_take(handle);

	sound(kf_krealloc(t.p, 0, KF_GFP_KERNEL) == KF_ZERO_SIZE_PTR,
	      "krealloc to nothing is not ZERO_SIZE_PTR");
	sound(!oracle_hooks || told.died == 1, "krealloc to nothing did not free");
}

void do_krealloc(const uint8_t *call)
{
	u32 handle = fuzz_get(&field_of, call), size = fuzz_get(&field_size, call);
	struct thing *t = thing_at(handle);

	if (!t)
		take_kmalloc(handle, size, slab_gfp(call));
	else if (t->family != &kmalloc_family)
		return;
	else if (!size)
		shrink_to_nothing(handle);
	else
		grow(handle, size, slab_gfp(call) & ~(u32)KF_GFP_ZERO);
}

void do_ksize(const uint8_t *call)
{
	struct thing *t = thing_at(fuzz_get(&field_of, call));
	u64 usable;

	if (!t || t->family != &kmalloc_family)
		return;
	things_look(t);
	usable = kf_ksize(t->p);
	/* More than the class, when krealloc() made it smaller in place. */
	sound(usable >= t->size && usable >= kf_kmalloc_size_roundup(t->size),
	      "ksize is less than the bucket");
	sound(model_intact(t), "ksize changed content");
	if (oracle_over)
		return;
	model_release(t);
	things_bytes += usable - t->size;
	t->size = usable;
	model_claim(t);
	things_fill(t);
}

void do_free(const uint8_t *call)
{
	things_free(fuzz_get(&field_of, call));
}

void do_kfree_bulk(const uint8_t *call)
{
	u32 from = fuzz_get(&field_of, call), count = fuzz_get(&field_count, call);
	void *objects[BULK_MAX];
	unsigned n = 0;

	for (u32 i = 0; i < count; i++) {
		struct thing *t = thing_at(from + i);

		if (t && t->family == &kmalloc_family)
			objects[n++] = things_take(from + i).p;
	}
	if (n)
		kf_cache_free_bulk(NULL, n, objects);
	sound(!oracle_hooks || told.died == n, "kfree_bulk did not free all");
}

/* ---- misuse ------------------------------------------------------------------------------------------------------ */

/* Are there guard bytes behind it? Large blocks, and what fills its class, may have none. */
static bool is_guarded(const struct thing *t)
{
	return oracle_guards && oracle_hooks && t->family == &kmalloc_family && t->size <= 2048 &&
	       !kf_settings()->slub_debug[0];
}

void do_overflow(const uint8_t *call)
{
	u32 handle = fuzz_get(&field_of, call);
	struct thing *t = thing_at(handle);

	if (!t || !is_guarded(t))
		return;
	t->p[t->size] ^= 0x55;
	oracle_expect(BUG(KF_BUG_REDZONE));
	things_free(handle);
	sound(told.bugs == 1, "an overflow was not told when its object was freed");
}

static void free_inside(struct thing *t)
{
	if (t->size < 16)
		return;
	kf_kfree(t->p + 8);
	sound(told.bugs == 1 && !told.died, "a free inside an object was not told, or freed it");
	sound(model_intact(t), "a free inside an object changed it");
}

void do_bad_free(const uint8_t *call)
{
	u32 handle = fuzz_get(&field_of, call);
	struct thing *t = thing_at(handle);
	void *p;

	if (!t || !is_guarded(t))
		return;
	oracle_expect(BUG(KF_BUG_INVALID_FREE) | BUG(KF_BUG_DOUBLE_FREE));
	if (fuzz_get(&field_bad_free, call) == BAD_FREE_INSIDE) {
		free_inside(t);
		return;
	}
	p = t->p;
	things_free(handle);
	kf_kfree(p);
	sound(told.bugs == 1 && !told.died, "a double free was not told, or freed something");
}
