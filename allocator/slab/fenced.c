// SPDX-License-Identifier: GPL-2.0-only
/*
 * Fenced objects (--guard): a slab of one object, in pages of the fenced pool (page/fence.c), against one of the
 * inaccessible pages around them. Follows mm/kfence/core.c of 6.1: kfence_guarded_alloc() and _free(), and what
 * kfence_ksize() says.
 *
 *	right	|xxxxxxxx|cccccccccccOOOOOOOOOOOcc|xxxxxxxx|	at most align - 1 bytes behind it
 *	left	|xxxxxxxx|OOOOOOOOOOOccccccccccccc|xxxxxxxx|	x: inaccessible, c: guard bytes
 *
 * The cache stays what it was, guarded: it counts such a slab among its own while its object lives, and
 * kmem_cache_destroy() finds it there. The slab is full from its first moment, so no list of partial slabs ever has it.
 * When the object dies, the slab leaves the cache and its pages close; slab and record stay where they are until the pages
 * are taken again, so that a second free and every later access still find whose it was.
 *
 *	slab.base + cache.first == address of the object, as in every slab
 *	room == bytes that the object may come to have in place; only those that were asked for at first
 *
 * Differences from an object of a usual slab: ksize() gives the size that was asked for; alignment is what the cache
 * promises, and for kmalloc() what the kernel does: the size for powers of two, else 8; the constructor runs for each
 * allocation. The pages of SLAB_TYPESAFE_BY_RCU objects close after a grace period.
 */
#include <string.h>

#include "../core/state.h"

struct kf_fenced {
	struct kf_slab slab;
	struct kf_rec rec;
	u32 room;
	u64 pfn; /* first frame of its pages; slab.order says how many there are */
};

static struct kf_fenced *fenced_of(const struct kf_slab *slab)
{
	return kf_container((struct kf_slab *)slab, struct kf_fenced, slab);
}

struct kf_fenced *kf_fenced_table(u64 frames)
{
	return kf_meta_alloc(frames * sizeof(struct kf_fenced));
}

static char *pages_of(const struct kf_fenced *f)
{
	return kf_phys_to_virt(f->pfn << KF_PAGE_SHIFT);
}

static size_t pages_size(const struct kf_fenced *f)
{
	return KF_PAGE_SIZE << f->slab.order;
}

static char *object_of(const struct kf_fenced *f)
{
	return f->slab.base + f->slab.cache->first;
}

/* ---- where it lies --------------------------------------------------------------------------------------- */

static size_t alignment(const struct kf_cache *cache, size_t size)
{
	if (!(cache->flags & KF_SLAB_KMALLOC))
		return cache->align;
	return size & (size - 1) || size < 8 ? 8 : size;
}

static size_t place(const struct kf_cache *cache, size_t size, size_t bytes)
{
	if (kf_fence_edge() == KF_FENCE_LEFT)
		return 0;
	return (bytes - size) & ~(alignment(cache, size) - 1);
}

/* ---- guards ------------------------------------------------------------------------------------------------ */

static void fill(const struct kf_object *obj, const struct kf_fenced *f)
{
	char *start = pages_of(f), *end = start + pages_size(f), *p = obj->addr;

	memset(start, KF_BYTE_GUARD, (size_t)(p - start));
	memset(p + obj->size, KF_BYTE_GUARD, (size_t)(end - p) - obj->size);
}

static bool check_guards(const struct kf_object *obj, const struct kf_fenced *f)
{
	char *start = pages_of(f), *end = start + pages_size(f), *p = obj->addr;
	bool bad;

	bad = kf_check_bytes(KF_BUG_REDZONE, start, KF_BYTE_GUARD, (size_t)(p - start), obj,
			     "bytes before an object were overwritten");
	bad |= kf_check_bytes(KF_BUG_REDZONE, p + obj->size, KF_BYTE_GUARD,
			      (size_t)(end - p) - obj->size, obj,
			      "bytes after the requested size were overwritten");
	return bad;
}

/* ---- the object -------------------------------------------------------------------------------------------- */

static void describe(const struct kf_fenced *f, struct kf_object *out)
{
	u32 state = __atomic_load_n(&f->rec.state, __ATOMIC_RELAXED);

	*out = (struct kf_object){
		.kind = KF_SLAB,
		.live = state & KF_REC_LIVE,
		.addr = object_of(f),
		.size = f->rec.size,
		.usable = f->room,
		.gfp = kf_rec_gfp(state),
		.cache = f->slab.cache,
		.seq = (u64)f->rec.seq_high << 32 | f->rec.seq_low,
		.alloc_tag = f->rec.alloc_tag,
		.free_tag = kf_rec_free_tag(state),
	};
}

/* False: the frames at addr were another slab's, whose place this one has taken in part. */
static bool find(const struct kf_slab *slab, const void *addr, struct kf_object *out)
{
	const struct kf_fenced *f = fenced_of(slab);

	if ((size_t)((const char *)addr - pages_of(f)) >= pages_size(f))
		return false;
	describe(f, out);
	return true;
}

/* ---- taking one -------------------------------------------------------------------------------------------- */

static void own_pages(struct kf_fenced *f, struct page *page)
{
	page->flags |= 1ull << kf_layout()->pg_slab;
	page->slab_cache = f->slab.cache;
	for (u64 i = 0; i < 1ull << f->slab.order; i++) {
		struct kf_frame *frame = &kf_here.frames[f->pfn + i];

		__atomic_store_n(&frame->state, (u8)KF_FRAME_SLAB, __ATOMIC_RELAXED);
		frame->flags = 0;
		frame->slab = &f->slab;
	}
}

static void join_cache(struct kf_cache *cache, struct kf_slab *slab)
{
	kf_lock(&cache->lock);
	kf_list_add_tail(&slab->all, &cache->slabs);
	cache->nr_slabs++;
	kf_unlock(&cache->lock);
}

static struct kf_fenced *new_slab(struct kf_cache *cache, u32 gfp, size_t size)
{
	unsigned order = kf_order_of(size);
	struct page *page;
	struct kf_fenced *f;

	page = kf_pages_take_fenced((gfp & ~(u32)KF_GFP_ZERO) | KF_GFP_COMP, order, KF_SLAB);
	if (!page)
		return NULL;
	f = &kf_state()->fence.objects[kf_fence_index(kf_page_to_pfn(page))];
	f->pfn = kf_page_to_pfn(page);
	f->room = (u32)size;
	f->slab = (struct kf_slab){
		.where = KF_SLAB_FULL,
		.order = (u8)order,
		.objects = 1,
		.inuse = 1,
		.fresh = 1,
		.head = KF_NO_INDEX,
		.tail = KF_NO_INDEX,
		.kind = KF_SLAB_FENCED,
		.cache = cache,
		.recs = &f->rec,
		.allocs = 1,
	};
	f->slab.base = pages_of(f) + place(cache, size, pages_size(f)) - cache->first;
	own_pages(f, page);
	join_cache(cache, &f->slab);
	return f;
}

static bool wants_zero(u32 gfp)
{
	const struct kf_settings *settings = kf_settings();

	return gfp & KF_GFP_ZERO || settings->init_on_alloc || settings->init_on_free;
}

/* slab_want_init_on_alloc(): constructed objects are never zeroed. */
static void set_content(const struct kf_cache *cache, const struct kf_object *obj, u32 gfp)
{
	memset(obj->addr, wants_zero(gfp) && !cache->ctor ? 0 : KF_BYTE_NEW, obj->size);
	kf_slab_construct(cache, obj->addr);
}

/* Behind the constructor, which tells of a usual slot. */
static void watch(const struct kf_fenced *f, const struct kf_object *obj, bool known)
{
	kf_tell_bytes(pages_of(f), pages_size(f), KF_BYTES_NOBODYS);
	kf_tell_bytes(obj->addr, obj->size, known ? KF_BYTES_KNOWN : KF_BYTES_NEW);
}

static bool fits(const struct kf_cache *cache, size_t size)
{
	return size && cache->align <= KF_PAGE_SIZE && !(cache->gfp & (KF_GFP_DMA | KF_GFP_DMA32));
}

void *kf_fenced_alloc(struct kf_cache *cache, u32 gfp, size_t size)
{
	struct kf_object obj;
	struct kf_fenced *f;
	u64 seq;

	if (!kf_fence_turn(gfp))
		return NULL;
	if (!fits(cache, size)) {
		kf_fence_pass_over();
		return NULL;
	}
	f = new_slab(cache, gfp, size);
	if (!f)
		return NULL;
	seq = kf_next_seq();
	f->rec = (struct kf_rec){
		.size = (u32)size,
		.seq_low = (u32)seq,
		.seq_high = (u16)(seq >> 32),
		.state = KF_REC_LIVE | KF_REC_READY | (gfp & KF_REC_GFP),
		.next = KF_NO_INDEX,
	};
	describe(f, &obj);
	fill(&obj, f);
	set_content(cache, &obj, gfp);
	watch(f, &obj, wants_zero(gfp) || cache->ctor || cache->flags & KF_SLAB_TYPESAFE_BY_RCU);
	f->rec.alloc_tag = kf_hooks.allocated(&obj);
	return obj.addr;
}

/* ---- giving it back ---------------------------------------------------------------------------------------- */

static void close_pages(struct kf_fenced *f)
{
	struct page *page = kf_pfn_to_page(f->pfn);

	page->refcount = 0;
	kf_pages_put_back(page, f->slab.order, false);
}

void kf_fenced_after_grace_period(struct kf_slab *slab)
{
	close_pages(fenced_of(slab));
}

static void leave_cache(struct kf_slab *slab)
{
	struct kf_cache *cache = slab->cache;

	kf_lock(&cache->lock);
	kf_list_del(&slab->all);
	cache->nr_slabs--;
	cache->past_allocs++;
	cache->past_frees++;
	kf_slab_set_inuse(slab, 0);
	kf_slab_set_where(slab, KF_SLAB_NOWHERE);
	kf_unlock(&cache->lock);
}

static void retire(struct kf_fenced *f)
{
	leave_cache(&f->slab);
	if (f->slab.cache->flags & KF_SLAB_TYPESAFE_BY_RCU)
		kf_hooks.defer(kf_slab_after_grace_period, &f->slab.link);
	else
		close_pages(f);
}

static void free_object(struct kf_slab *slab, const void *p)
{
	struct kf_fenced *f = fenced_of(slab);
	struct kf_object obj;
	bool known = find(slab, p, &obj);

	if (!known || p != obj.addr) {
		kf_tell(KF_BUG_INVALID_FREE, p, known ? &obj : NULL, slab->cache,
			"freed an address inside an object");
		return;
	}
	if (!kf_rec_take_life(&f->rec)) {
		describe(f, &obj);
		kf_tell(KF_BUG_DOUBLE_FREE, p, &obj, slab->cache, "freed an object that is free");
		return;
	}
	kf_rec_set_free_tag(&f->rec, kf_hooks.freed(&obj));
	check_guards(&obj, f);
	retire(f);
}

/* ---- the rest ---------------------------------------------------------------------------------------------- */

static void resize(struct kf_slab *slab, const void *p, size_t size)
{
	struct kf_fenced *f = fenced_of(slab);
	struct kf_object obj;
	size_t old = f->rec.size;

	describe(f, &obj);
	check_guards(&obj, f);
	if (size > old && obj.gfp & KF_GFP_ZERO)
		memset((char *)p + old, 0, size - old);
	f->rec.size = (u32)size;
	describe(f, &obj);
	fill(&obj, f);
}

static unsigned check(struct kf_slab *slab, const void *p)
{
	struct kf_object obj;

	(void)p;
	describe(fenced_of(slab), &obj);
	return obj.live && check_guards(&obj, fenced_of(slab));
}

static const char *validate(const struct kf_slab *slab)
{
	const struct kf_fenced *f = fenced_of(slab);
	char *p = object_of(f);

	if (!(f->rec.state & KF_REC_LIVE) || slab->inuse != 1)
		return "a cache holds a fenced object that is not live";
	if (p < pages_of(f) || p + f->room > pages_of(f) + pages_size(f))
		return "a fenced object leaves its pages";
	if (f->rec.size > f->room)
		return "a fenced object has outgrown its room";
	return kf_fence_hidden((u64)(uintptr_t)p) ? "a live fenced object is inaccessible" : NULL;
}

/* Slabs begin and end here, in kf_fenced_alloc() and retire(): no cache calls start, stop, alloc or flush of them. */
const struct kf_slab_ops kf_slab_fenced = {
	.free = free_object,
	.object = find,
	.resize = resize,
	.check = check,
	.validate = validate,
};
