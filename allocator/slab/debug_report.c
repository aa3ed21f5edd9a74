// SPDX-License-Identifier: GPL-2.0-only
/*
 * What slub_debug prints, word by word as mm/slub.c 6.1 does: slab_bug(), print_trailer(), print_tracking(),
 * slab_fix(), list_slab_objects(), with hex dumps as lib/hexdump.c makes them. One line at a time through the
 * hook `log`. Pointers are not hashed, as with no_hash_pointers, which any slub_debug switches on.
 */
#include "debug.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { LEVEL_ERR = 3, LEVEL_INFO = 6 };

#define ADDRESS(p) ((unsigned long long)(uintptr_t)(p))

/* ---- pieces -------------------------------------------------------------------------------------------- */

/* What slab_add_kunit_errors() counts: each report, and each repair. */
static void count_error(void)
{
	kf_state()->slab.errors++;
}

u64 kf_slab_errors(void)
{
	return kf_state()->slab.errors;
}

static void headline(const struct kf_cache *cache, const char *form, va_list args)
{
	char text[160];

	vsnprintf(text, sizeof(text), form, args);
	count_error();
	kf_log(LEVEL_ERR,
	       "=============================================================================");
	kf_log(LEVEL_ERR, "BUG %s (%s): %s", cache->name, kf_taint_text(), text);
	kf_log(LEVEL_ERR,
	       "-----------------------------------------------------------------------------");
	kf_log(LEVEL_ERR, "%s", "");
}

static void headline_text(const struct kf_cache *cache, const char *form, ...)
{
	va_list args;

	va_start(args, form);
	headline(cache, form, args);
	va_end(args);
}

static void stack_line(const char *frame, void *arg)
{
	kf_log(LEVEL_ERR, "%s%s", (const char *)arg, frame);
}

static void first_frame(const char *frame, void *arg)
{
	char *out = arg;

	if (!*out)
		snprintf(out, 128, "%s", frame);
}

static void print_track(const char *what, const struct kf_track *track, u64 now)
{
	char caller[128] = "";

	if (!track->addr)
		return;
	kf_hooks.describe(track->handle, first_frame, caller);
	kf_log(LEVEL_ERR, "%s in %s age=%llu cpu=%d pid=%d", what, *caller ? caller : "0x0",
	       (unsigned long long)(now - track->when), track->cpu, track->pid);
	if (*caller)
		kf_hooks.describe(track->handle, stack_line, " ");
	else
		kf_log(LEVEL_ERR, "object allocation/free stack trace missing");
}

static void print_tracking(const struct kf_cache *cache, const void *object)
{
	const struct kf_track *tracks;
	struct kf_whence whence;

	if (cache->kind != KF_SLAB_DEBUG || !(cache->flags & KF_SLAB_STORE_USER))
		return;
	tracks = kf_debug_tracks(cache, object);
	kf_hooks.whence(&whence);
	print_track("Allocated", &tracks[KF_TRACK_ALLOC], whence.jiffies);
	print_track("Freed", &tracks[KF_TRACK_FREE], whence.jiffies);
}

/* %pGp */
static void page_flags(const struct page *page, char *out, size_t n)
{
	const struct kf_layout *layout = kf_layout();
	bool slab = page->flags >> layout->pg_slab & 1, head = page->flags >> layout->pg_head & 1;

	snprintf(out, n, "%#llx(%s%s%s%snode=0|zone=%llu)", (unsigned long long)page->flags,
		 slab ? "slab" : "", slab && head ? "|" : "", head ? "head" : "",
		 slab || head ? "|" : "",
		 (unsigned long long)(page->flags >> layout->zone_shift & 7));
}

static void print_slab(const struct kf_slab *slab)
{
	const struct page *page = kf_virt_to_page(slab->base);
	char flags[64];

	page_flags(page, flags, sizeof(flags));
	kf_log(LEVEL_ERR, "Slab 0x%016llx objects=%u used=%u fp=0x%016llx flags=%s", ADDRESS(page),
	       slab->objects, slab->inuse,
	       slab->kind == KF_SLAB_DEBUG ? ADDRESS(slab->freelist) : 0ull, flags);
}

static void print_trailer(const struct kf_slab *slab, const u8 *p)
{
	const struct kf_cache *cache = slab->cache;
	u32 padding = kf_debug_padding(cache), end = kf_debug_slot_end(cache);
	const u8 *base = (const u8 *)slab->base;

	print_tracking(cache, p);
	print_slab(slab);
	kf_log(LEVEL_ERR, "Object 0x%016llx @offset=%td fp=0x%016llx", ADDRESS(p), p - base,
	       ADDRESS(kf_debug_next(cache, p)));
	kf_log(LEVEL_ERR, "%s", "");
	if (cache->flags & KF_SLAB_RED_ZONE)
		kf_hex_dump(LEVEL_ERR, "Redzone  ", p - cache->first, cache->first);
	else if (p > base + 16)
		kf_hex_dump(LEVEL_ERR, "Bytes b4 ", p - 16, 16);
	kf_hex_dump(LEVEL_ERR, "Object   ", p,
		    cache->object_size < KF_PAGE_SIZE ? cache->object_size : KF_PAGE_SIZE);
	if (cache->flags & KF_SLAB_RED_ZONE)
		kf_hex_dump(LEVEL_ERR, "Redzone  ", p + cache->object_size,
			    cache->inuse - cache->object_size);
	if (padding != end)
		kf_hex_dump(LEVEL_ERR, "Padding  ", p + padding, end - padding);
	kf_dump_stack(LEVEL_ERR);
}

static void taint(void)
{
	kf_state()->slab.tainted = true;
}

/* ---- reports ------------------------------------------------------------------------------------------- */

void kf_report_object(const struct kf_slab *slab, const void *object, const char *reason)
{
	headline_text(slab->cache, "%s", reason);
	if (object && kf_debug_points_to_object(slab, object)) {
		print_trailer(slab, object);
	} else {
		print_slab(slab);
		kf_log(LEVEL_ERR, "Invalid pointer 0x%016llx", ADDRESS(object));
	}
	taint();
}

void kf_report_slab(const struct kf_slab *slab, const char *form, ...)
{
	va_list args;

	va_start(args, form);
	headline(slab->cache, form, args);
	va_end(args);
	print_slab(slab);
	kf_dump_stack(LEVEL_ERR);
	taint();
}

void kf_report_bytes(const struct kf_slab *slab, const void *object, const char *what,
		     const u8 *first, const u8 *end, u8 expected)
{
	headline_text(slab->cache, "%s overwritten", what);
	kf_log(LEVEL_ERR, "0x%016llx-0x%016llx @offset=%td. First byte 0x%x instead of 0x%x",
	       ADDRESS(first), ADDRESS(end - 1), first - (const u8 *)slab->base, *first, expected);
	print_trailer(slab, object);
	taint();
}

void kf_report_padding(const struct kf_slab *slab, const u8 *pad, size_t n, const u8 *first,
		       const u8 *end)
{
	kf_report_slab(slab, "Padding overwritten. 0x%016llx-0x%016llx @offset=%td", ADDRESS(first),
		       ADDRESS(end - 1), first - (const u8 *)slab->base);
	kf_hex_dump(LEVEL_ERR, "Padding ", pad, n);
}

void kf_report_fix(const struct kf_cache *cache, const char *form, ...)
{
	char text[160];
	va_list args;

	va_start(args, form);
	vsnprintf(text, sizeof(text), form, args);
	va_end(args);
	count_error();
	kf_log(LEVEL_ERR, "FIX %s: %s", cache->name, text);
}

void kf_report_trace(const struct kf_slab *slab, const void *object, bool alloc)
{
	const struct kf_cache *cache = slab->cache;

	if (!(cache->flags & KF_SLAB_TRACE))
		return;
	kf_log(LEVEL_INFO, "TRACE %s %s 0x%016llx inuse=%d fp=0x%016llx", cache->name,
	       alloc ? "alloc" : "free", ADDRESS(object), slab->inuse, ADDRESS(slab->freelist));
	if (!alloc)
		kf_hex_dump(LEVEL_INFO, "Object ", object, cache->object_size);
	kf_dump_stack(LEVEL_ERR);
}

/* ---- a cache that is not empty --------------------------------------------------------------------------- */

static void list_objects(const struct kf_slab *slab)
{
	kf_report_slab(slab, "Objects remaining in %s on __kmem_cache_shutdown()",
		       slab->cache->name);
	for (unsigned i = 0; i < slab->objects; i++) {
		const void *p = kf_slab_address(slab, i);
		struct kf_object obj;

		if (!kf_ops_of(slab)->object(slab, p, &obj) || !obj.live)
			continue;
		kf_log(LEVEL_ERR, "Object 0x%016llx @offset=%td", ADDRESS(p),
		       (const char *)p - slab->base);
		print_tracking(slab->cache, p);
	}
}

void kf_report_remaining(const struct kf_cache *cache)
{
	char caller[128] = "";

	if (!kf_logging())
		return;
	kf_for_each_slab(slab, cache) if (slab->inuse != slab->lost) list_objects(slab);
	kf_hooks.describe(KF_TAG_HERE, first_frame, caller);
	kf_log(4, "kmem_cache_destroy %s: Slab cache still has objects when called from %s",
	       cache->name, *caller ? caller : "0x0");
	kf_dump_stack(LEVEL_ERR);
}

/* ---- one object --------------------------------------------------------------------------------------------- */

struct text {
	char *at;
	size_t left;
};

static void __attribute__((format(printf, 2, 3))) add_text(struct text *text, const char *form, ...)
{
	va_list args;
	int n;

	va_start(args, form);
	n = vsnprintf(text->at, text->left, form, args);
	va_end(args);
	if (n < 0 || (size_t)n >= text->left)
		n = text->left ? (int)text->left - 1 : 0;
	text->at += n;
	text->left -= (size_t)n;
}

static void add_frame(const char *frame, void *arg)
{
	add_text(arg, "    %s\n", frame);
}

bool kf_slab_dump(const void *object, char *out, size_t n)
{
	const struct kf_slab *slab = kf_slab_at(object);
	struct text text = {out, n};
	char caller[128] = "";
	struct kf_object obj;
	u32 lead;

	if (!slab)
		return false;
	add_text(&text, " slab %s", slab->cache->name);
	if (!kf_ops_of(slab)->object(slab, object, &obj)) {
		add_text(&text, "\n");
		return true;
	}
	lead = slab->kind == KF_SLAB_DEBUG ? slab->cache->first : 0;
	add_text(&text, " start %016llx", ADDRESS(obj.addr) - lead);
	if (lead)
		add_text(&text, " data offset %u", lead);
	add_text(&text, " pointer offset %lld",
		 (long long)((const char *)object - (const char *)obj.addr));
	if (slab->cache->usersize)
		add_text(&text, " size %u", slab->cache->usersize);
	kf_hooks.describe(obj.alloc_tag, first_frame, caller);
	if (*caller)
		add_text(&text, " allocated at %s", caller);
	add_text(&text, "\n");
	kf_hooks.describe(obj.alloc_tag, add_frame, &text);
	if (!obj.live && obj.free_tag) {
		add_text(&text, " Free path:\n");
		kf_hooks.describe(obj.free_tag, add_frame, &text);
	}
	return true;
}
