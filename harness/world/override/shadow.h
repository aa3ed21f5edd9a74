/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The shadow of instrumented code, as mm/kasan has it: one byte for eight. What the compiler writes itself lies there: the
 * redzones around variables on stacks and around globals. Objects of the allocators have none: they are asked.
 *
 *	shadow(addr) = (addr >> 3) + KF_SHADOW_OFFSET
 *
 *	0	all eight bytes may be touched		1..7	only the first so many
 *	0xf1..f4 around variables of a stack		0xf8	a variable that is out of scope
 *	0xca, cb around an alloca()			0xf9	behind a global
 *
 * Only windows of it are mapped, and only when instrumented code is loaded: for module memory and for stacks. Shared by the
 * override layer, native mode and the host.
 */
#ifndef KFAIL_OVERRIDE_SHADOW_H
#define KFAIL_OVERRIDE_SHADOW_H

/* -fasan-shadow-offset= of instrumented code. */
#define KF_SHADOW_OFFSET 0x190000000000ul
#define KF_SHADOW_SHIFT	 3

enum {
	KF_SHADOW_STACK_LEFT = 0xf1,
	KF_SHADOW_STACK_MID = 0xf2,
	KF_SHADOW_STACK_RIGHT = 0xf3,
	KF_SHADOW_STACK_PARTIAL = 0xf4,
	KF_SHADOW_SCOPE = 0xf8,
	KF_SHADOW_GLOBAL = 0xf9,
	KF_SHADOW_ALLOCA_LEFT = 0xca,
	KF_SHADOW_ALLOCA_RIGHT = 0xcb,
};

#define KF_ALLOCA_REDZONE 32 /* bytes */

/* A global variable, as the compiler describes it (gcc 12: KASAN_ABI_VERSION 5). */
struct kf_global {
	unsigned long start, size, size_with_redzone;
	const char *name, *file;
	unsigned long has_dynamic_init;
	const void *location, *odr;
};

/* One call of __asan_register_globals(): an object file's. */
struct kf_globals {
	const struct kf_global *first;
	unsigned long count;
};

/* Which addresses have a shadow that is mapped. */
struct kf_shadow_windows {
	unsigned long start[2], size[2]; /* bytes; of module memory, of stacks */
};

static inline signed char *kf_shadow_of(unsigned long addr)
{
	return (signed char *)((addr >> KF_SHADOW_SHIFT) + KF_SHADOW_OFFSET);
}

static inline _Bool kf_shadowed(const struct kf_shadow_windows *w, unsigned long addr)
{
	return addr - w->start[0] < w->size[0] || addr - w->start[1] < w->size[1];
}

/* The whole access lies in one window. */
static inline _Bool kf_shadowed_range(const struct kf_shadow_windows *w, unsigned long addr,
				      unsigned long size)
{
	for (int i = 0; i < 2; i++)
		if (addr - w->start[i] < w->size[i])
			return size <= w->size[i] - (addr - w->start[i]);
	return 0;
}

/* The first byte of [addr, end) that must not be touched; `end`: there is none. All of it is shadowed. */
static inline unsigned long kf_shadow_first_bad(unsigned long addr, unsigned long end)
{
	for (; addr < end; addr = (addr | 7) + 1) {
		signed char shadow = *kf_shadow_of(addr);
		unsigned long bad;

		if (!shadow)
			continue;
		bad = shadow > (signed char)(addr & 7) ? (addr & ~7ul) + (unsigned char)shadow
						       : addr;
		return bad < end ? bad : end;
	}
	return end;
}

static inline void kf_shadow_fill(unsigned long addr, unsigned long size, unsigned char value)
{
	__builtin_memset(kf_shadow_of(addr), value, size >> KF_SHADOW_SHIFT);
}

/* Let [addr, addr+size) be touched; addr is a multiple of eight. */
static inline void kf_shadow_open(unsigned long addr, unsigned long size)
{
	kf_shadow_fill(addr, size, 0);
	if (size & 7)
		*kf_shadow_of(addr + size) = (signed char)(size & 7);
}

#endif
