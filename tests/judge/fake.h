/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A small world for tests of judges and sweeps: the real allocators, a "kernel" of a dozen
 * functions, and a "driver" whose init and exit are functions of the test. Code and data of both
 * lie in sections of their own, so that the target knows whose a program counter is, and what a
 * restore must put back.
 */
#ifndef KFAIL_TESTS_JUDGE_FAKE_H
#define KFAIL_TESTS_JUDGE_FAKE_H

#include <CUnit/CUnit.h>
#include <stdbool.h>
#include <stdint.h>
#include "../../allocator/page/page_alloc.h"
#include "../../allocator/kin/percpu.h"
#include "../../allocator/slab/slab.h"
#include "../../allocator/vmalloc/vmalloc.h"
#include "../../harness/sweep/target.h"

#ifdef __clang__
#define WHOLE noinline
#else
#define WHOLE noinline, noclone
#endif

/* A driver's function or variable. */
#define DRIVER	    __attribute__((WHOLE, section("driver_text")))
#define DRIVER_DATA __attribute__((section("driver_data")))
/* A function of the kernel. */
#define KERNEL __attribute__((WHOLE, section("kernel_text")))
/* At the end of each of these: the caller's frame stays on the stack. */
#define STAY() __asm__ volatile("" ::: "memory")

/* A number that the compiler does not know: it must not unroll the loop, whose call then were
 * several. */
static inline unsigned times(unsigned n)
{
	__asm__("" : "+r"(n));
	return n;
}

/* A store that no sanitizer looks at: NULL is what the test is about. */
static inline void put_byte(void *at)
{
	__asm__ volatile("movb $1, (%0)" : : "r"(at) : "memory");
}

#define GFP_KERNEL KF_GFP_KERNEL
#define GFP_ATOMIC KF_GFP_ATOMIC
#define ENOMEM_	   (-12)

struct fake_driver {
	int64_t (*init)(void);
	void (*exit)(void);
	void (*settle)(void);
	/* Words that stay in kernel memory, for `dangling`. */
	void (*dangling)(void (*fn)(uint64_t where, uint64_t value, const char *place, void *arg),
			 void *arg);
};

/* Once per process: world, symbols, fault handlers. */
void fake_world(void);
/* The target that runs this driver; its world is as it was, its snapshot new. */
const struct target *fake_target(const struct fake_driver *driver);
/* The context that the driver runs in. */
extern struct target_context fake_context;
/* Where the kernel keeps what is registered; restored with the world. */
extern void *fake_registry[8];

/* The kernel. The linker sees other names, since native mode has its own kmalloc(); reports show
 * these. */
#define kmalloc		   fake_kmalloc
#define kzalloc		   fake_kzalloc
#define kfree		   fake_kfree
#define vmalloc		   fake_vmalloc
#define vfree		   fake_vfree
#define alloc_pages	   fake_alloc_pages
#define __free_pages	   fake___free_pages
#define alloc_percpu	   fake_alloc_percpu
#define free_percpu	   fake_free_percpu
#define kmem_cache_create  fake_kmem_cache_create
#define kmem_cache_destroy fake_kmem_cache_destroy
#define kmem_cache_alloc   fake_kmem_cache_alloc
#define kmem_cache_free	   fake_kmem_cache_free
#define spin_lock	   fake_spin_lock
#define spin_unlock	   fake_spin_unlock
#define register_chrdev	   fake_register_chrdev
#define unregister_chrdev  fake_unregister_chrdev
#define sloppy_register	   fake_sloppy_register
#define device_register	   fake_device_register
#define put_device	   fake_put_device
void *kmalloc(size_t size, uint32_t gfp);
void *kzalloc(size_t size, uint32_t gfp);
void kfree(const void *p);
void *vmalloc(size_t size);
void vfree(const void *p);
struct page *alloc_pages(uint32_t gfp, unsigned order);
void __free_pages(struct page *page, unsigned order);
uint64_t alloc_percpu(size_t size);
void free_percpu(uint64_t cookie);
struct kf_cache *kmem_cache_create(const char *name, size_t size);
void kmem_cache_destroy(struct kf_cache *cache);
void *kmem_cache_alloc(struct kf_cache *cache, uint32_t gfp);
void kmem_cache_free(struct kf_cache *cache, void *p);
void spin_lock(void);
void spin_unlock(void);
/* Allocates two objects; unregister_chrdev() frees both. */
int register_chrdev(void **out);
void unregister_chrdev(void *region);
/* The same, but forgets its first object when the second is refused. */
int sloppy_register(void **out);
/* When it fails, the caller must still put_device(). */
int device_register(void **out);
void put_device(void *device);
/* Work that the kernel does later, not on behalf of anybody. */
void kernel_housekeeping(void);

#endif
