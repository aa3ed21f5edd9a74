/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What every allocator file stands on: locks, lists, bytes, arithmetic, and asking and telling the hooks.
 * Not for anybody outside this folder.
 *
 * Locks are words in world memory. They nest slab -> cache -> zone -> meta; vmalloc, percpu and memblock
 * locks nest with none of these but meta. No hook is ever called with a lock held.
 */
#ifndef KFAIL_ALLOCATOR_BASE_H
#define KFAIL_ALLOCATOR_BASE_H

#include <sched.h>
#include <string.h>
#include <sys/single_threaded.h>

#include "hooks.h"

#define KF_NO_PFN (~0ull)

/* Bytes that mean something: a guard (SLUB_RED_ACTIVE), a free object (POISON_FREE), one that its owner has not written to yet
 * (POISON_INUSE), a page that is free or was not written to since (PAGE_POISON). */
enum { KF_BYTE_GUARD = 0xcc, KF_BYTE_FREE = 0x6b, KF_BYTE_NEW = 0x5a, KF_BYTE_PAGE = 0xaa };

/* ---- locks ------------------------------------------------------------------------------------- */

static inline void kf_lock(u32 *lock)
{
	if (__libc_single_threaded) {
		*lock = 1;
		return;
	}
	while (__atomic_exchange_n(lock, 1, __ATOMIC_ACQUIRE))
		for (int i = 0; __atomic_load_n(lock, __ATOMIC_RELAXED); i++)
			if (i > 100)
				sched_yield();
}

static inline void kf_unlock(u32 *lock)
{
	__atomic_store_n(lock, 0, __ATOMIC_RELEASE);
}

/* ---- lists --------------------------------------------------------------------------------------- */

#define kf_container(ptr, type, member) ((type *)((char *)(ptr)-offsetof(type, member)))

static inline void kf_list_init(struct kf_list *head)
{
	head->next = head->prev = head;
}

static inline bool kf_list_empty(const struct kf_list *head)
{
	return head->next == head;
}

static inline void kf_list_add_between(struct kf_list *item, struct kf_list *prev,
				       struct kf_list *next)
{
	item->prev = prev;
	item->next = next;
	prev->next = item;
	next->prev = item;
}

static inline void kf_list_add(struct kf_list *item, struct kf_list *head)
{
	kf_list_add_between(item, head, head->next);
}

static inline void kf_list_add_tail(struct kf_list *item, struct kf_list *head)
{
	kf_list_add_between(item, head->prev, head);
}

static inline void kf_list_del(struct kf_list *item)
{
	item->prev->next = item->next;
	item->next->prev = item->prev;
}

/* ---- bytes ---------------------------------------------------------------------------------------- */

typedef u64 kf_unaligned_u64 __attribute__((aligned(1), may_alias));

/* Does [p, p+n) hold `value` throughout? n >= 8 bytes: the last word may overlap the one before it. */
static inline bool kf_words_are(const u8 *p, u8 value, size_t n)
{
	const u64 pattern = 0x0101010101010101ull * value;
	u64 other = *(const kf_unaligned_u64 *)(p + n - 8) ^ pattern;

	for (size_t i = 0; i + 8 < n; i += 8)
		other |= *(const kf_unaligned_u64 *)(p + i) ^ pattern;
	return !other;
}

typedef u64 kf_vector __attribute__((vector_size(16), aligned(1), may_alias));

/* The same for n >= 16, sixteen bytes at a time; the last ones may overlap. */
static inline bool kf_vectors_are(const u8 *p, u8 value, size_t n)
{
	const u64 word = 0x0101010101010101ull * value;
	const kf_vector pattern = {word, word};
	kf_vector other = *(const kf_vector *)(p + n - 16) ^ pattern;
	size_t i = 0;

	for (; i + 64 < n; i += 64) {
		const kf_vector *at = (const kf_vector *)(p + i);

		other |= (at[0] ^ pattern) | (at[1] ^ pattern) | (at[2] ^ pattern) |
			 (at[3] ^ pattern);
	}
	for (; i + 16 < n; i += 16)
		other |= *(const kf_vector *)(p + i) ^ pattern;
	return !(other[0] | other[1]);
}

/*
 * The same for any n. A very long range is compared with itself one word further on, which lets the C library's
 * memcmp() do the work, with the widest instructions that the machine has.
 */
static inline bool kf_bytes_are(const void *start, u8 value, size_t n)
{
	const u8 *p = start;

	if (n > 1024)
		return kf_words_are(p, value, 8) && !memcmp(p, p + 8, n - 8);
	if (n >= 16)
		return kf_vectors_are(p, value, n);
	if (n >= 8)
		return kf_words_are(p, value, n);
	for (size_t i = 0; i < n; i++)
		if (p[i] != value)
			return false;
	return true;
}

/* First byte in [p, p+n) that is not `value`, or NULL; the first form looks byte by byte. */
const u8 *kf_first_other_byte(const void *start, u8 value, size_t n);
static inline const u8 *kf_first_other(const void *p, u8 value, size_t n)
{
	return kf_bytes_are(p, value, n) ? NULL : kf_first_other_byte(p, value, n);
}

/* ---- helpers ---------------------------------------------------------------------------------------- */

static inline u64 kf_align_up(u64 value, u64 align)
{
	return (value + align - 1) & ~(align - 1);
}

static inline u64 kf_pages_of(u64 bytes)
{
	return (bytes + KF_PAGE_SIZE - 1) >> KF_PAGE_SHIFT;
}

/* Smallest order whose block holds `size` bytes (size > 0). */
static inline unsigned kf_order_of(u64 size)
{
	u64 frames = kf_pages_of(size);

	return frames <= 1 ? 0 : 64 - (unsigned)__builtin_clzll(frames - 1);
}

/* Tell the hooks what may be done with these bytes. */
static inline void kf_tell_bytes(const void *addr, size_t size, enum kf_bytes state)
{
	if (__builtin_expect(kf_watched, 0) && size)
		kf_hooks.bytes(addr, size, state);
}

/* Ask the hooks whether this request may be served. */
static inline bool kf_permitted(const struct kf_request *req)
{
	kf_hooks.might_alloc(req);
	return (req->gfp & KF_GFP_NOFAIL) || !kf_hooks.should_fail(req);
}

/* hooks.c */
void kf_tell(enum kf_bug_kind kind, const void *addr, const struct kf_object *object,
	     const struct kf_cache *cache, const char *what);
/* Somebody reads the log: worth to prepare a long text. */
bool kf_logging(void);
/* Tell that [p, p+n) should hold `value` throughout, put it back; false when nothing was wrong. */
bool kf_check_bytes(enum kf_bug_kind kind, void *p, u8 value, size_t n,
		    const struct kf_object *object, const char *what);

/* Levels of the kernel's log, include/linux/kern_levels.h. */
enum { KF_LOG_ALERT = 1, KF_LOG_ERR = 3, KF_LOG_WARNING = 4, KF_LOG_INFO = 6 };

/* log.c: one line of the kernel's log, formatted; bytes; the stack that is running; "Not tainted". */
void kf_log(int level, const char *form, ...) __attribute__((format(printf, 2, 3)));
void kf_hex_dump(int level, const char *prefix, const void *start, size_t n);
void kf_dump_stack(int level);
const char *kf_taint_text(void);

#endif
