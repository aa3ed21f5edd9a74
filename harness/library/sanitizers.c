// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a sanitizer must be told so that it neither misses nor invents anything in a program whose memory comes from kfail.
 * The sanitizers' interfaces are weak symbols: those that the program was linked with are called.
 *
 * ThreadSanitizer does not see the allocators' locks, so memory that one thread frees and another gets would look
 * shared between them. A free releases, an allocation acquires: the object's address, and its pages', because
 * a page can come back as part of something else.
 *
 * MemorySanitizer takes mapped memory for initialised. Memory that was allocated without __GFP_ZERO is not.
 *
 * AddressSanitizer knows the memory of malloc() only. Told what is nobody's (hook `bytes`: guards, the rest of a size class, free
 * objects and pages), it reports an access to it as use-after-poison, with the line. Also where only the program, and not
 * this library, was compiled with it.
 */
#include "library.h"

#include "../../allocator/core/settings.h"
#include "../../allocator/slab/slab.h"

/* Of sanitizer/tsan_interface.h and msan_interface.h; 0 when not linked in. */
#define WEAK __attribute__((weak))
extern void __tsan_acquire(void *addr) WEAK;
extern void __tsan_release(void *addr) WEAK;
extern void __msan_allocated_memory(const volatile void *data, size_t size) WEAK;
/* Of sanitizer/asan_interface.h. */
extern void __asan_poison_memory_region(const volatile void *addr, size_t size) WEAK;
extern void __asan_unpoison_memory_region(const volatile void *addr, size_t size) WEAK;
extern void __msan_scoped_disable_interceptor_checks(void) WEAK;
extern void __msan_scoped_enable_interceptor_checks(void) WEAK;

bool sanitizer_watches_threads(void)
{
	return __tsan_acquire;
}

static bool has_bytes(const struct kf_object *object)
{
	return object->kind != KF_CACHE && object->kind != KF_PERCPU && object->kind != KF_VMAP;
}

static void for_each_page(const struct kf_object *object, void (*fn)(void *addr))
{
	uintptr_t start = (uintptr_t)object->addr;

	fn(object->addr);
	for (uintptr_t page = start & KF_PAGE_MASK; page < start + object->size;
	     page += KF_PAGE_SIZE)
		fn((void *)page);
}

static bool is_constructed(const struct kf_object *object)
{
	return object->cache && object->kind == KF_SLAB && kf_cache_has_ctor(object->cache);
}

void sanitizer_allocated(const struct kf_object *object)
{
	const struct kf_settings *settings = kf_settings();

	if (!has_bytes(object))
		return;
	if (__tsan_acquire)
		for_each_page(object, __tsan_acquire);
	if (__msan_allocated_memory && !(object->gfp & KF_GFP_ZERO) && !settings->init_on_alloc &&
	    !settings->init_on_free && !is_constructed(object))
		__msan_allocated_memory(object->addr, object->size);
}

void sanitizer_freed(const struct kf_object *object)
{
	if (__tsan_release && has_bytes(object))
		for_each_page(object, __tsan_release);
}

void sanitizer_enter(void)
{
	if (__msan_scoped_disable_interceptor_checks)
		__msan_scoped_disable_interceptor_checks();
}

void sanitizer_leave(void)
{
	if (__msan_scoped_enable_interceptor_checks)
		__msan_scoped_enable_interceptor_checks();
}

static void tell_address_sanitizer(const void *addr, size_t size, enum kf_bytes state)
{
	if (state == KF_BYTES_NOBODYS)
		__asan_poison_memory_region(addr, size);
	else
		__asan_unpoison_memory_region(addr, size);
}

void sanitizer_start(void)
{
	if (!__asan_poison_memory_region)
		return;
	kf_hooks.bytes = tell_address_sanitizer;
	kf_watch();
}
