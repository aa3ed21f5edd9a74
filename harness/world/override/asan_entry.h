/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What gcc and clang make instrumented code call, with the meaning that mm/kasan/generic.c and shadow.c give it. For one
 * file of the override layer and one of native mode; each defines before it includes this:
 *
 *	ASAN_API		how such a function is declared
 *	asan_windows		struct kf_shadow_windows
 *	access_check()		asks for everything that is not plainly fine (instrument/access.h); false: it was told
 *	access_first_bad()	the same, silently: the first byte of a range that must not be touched, or its end
 *	globals_add(), globals_remove()
 *
 * An access of a variable on a stack or of a global of the module, which is fine, is settled here by its shadow; all others
 * are asked about. The names with _noabort are what is called where the program goes on, as a kernel does.
 */
#ifndef KFAIL_OVERRIDE_ASAN_ENTRY_H
#define KFAIL_OVERRIDE_ASAN_ENTRY_H

#define ASAN_CALLER ((unsigned long)__builtin_return_address(0))

static inline __attribute__((always_inline)) _Bool
asan_check(unsigned long addr, unsigned long size, _Bool write, unsigned long pc)
{
	if (kf_shadowed_range(&asan_windows, addr, size) &&
	    kf_shadow_first_bad(addr, addr + size) == addr + size)
		return 1;
	return access_check(addr, size, write, pc);
}

#define ASAN_SAME_AS(name) __attribute__((alias(#name)))

#define ASAN_SIZED(size)                                               \
	ASAN_API void __asan_load##size(unsigned long addr)            \
	{                                                              \
		asan_check(addr, size, 0, ASAN_CALLER);                \
	}                                                              \
	ASAN_API void __asan_store##size(unsigned long addr)           \
	{                                                              \
		asan_check(addr, size, 1, ASAN_CALLER);                \
	}                                                              \
	ASAN_API void __asan_load##size##_noabort(unsigned long addr)  \
		ASAN_SAME_AS(__asan_load##size);                       \
	ASAN_API void __asan_store##size##_noabort(unsigned long addr) \
		ASAN_SAME_AS(__asan_store##size);

ASAN_SIZED(1)
ASAN_SIZED(2)
ASAN_SIZED(4)
ASAN_SIZED(8)
ASAN_SIZED(16)

ASAN_API void __asan_loadN(unsigned long addr, unsigned long size)
{
	asan_check(addr, size, 0, ASAN_CALLER);
}

ASAN_API void __asan_storeN(unsigned long addr, unsigned long size)
{
	asan_check(addr, size, 1, ASAN_CALLER);
}

ASAN_API void __asan_loadN_noabort(unsigned long addr, unsigned long size)
	ASAN_SAME_AS(__asan_loadN);
ASAN_API void __asan_storeN_noabort(unsigned long addr, unsigned long size)
	ASAN_SAME_AS(__asan_storeN);

/* What headers of the kernel call before instructions that the compiler does not see (atomics, bit operations). */
ASAN_API _Bool __kfail_check_read(const volatile void *p, unsigned int size)
{
	return asan_check((unsigned long)p, size, 0, ASAN_CALLER);
}

ASAN_API _Bool __kfail_check_write(const volatile void *p, unsigned int size)
{
	return asan_check((unsigned long)p, size, 1, ASAN_CALLER);
}

/* ---- functions that touch memory for their caller (build/kasan.h leads calls here) ---- */

/* As mm/kasan/shadow.c: what is told is not done. */
ASAN_API void *__asan_memset(void *to, int value, unsigned long size)
{
	return asan_check((unsigned long)to, size, 1, ASAN_CALLER) ? memset(to, value, size) : NULL;
}

static inline __attribute__((always_inline)) _Bool
asan_check_copy(const void *to, const void *from, unsigned long size, unsigned long pc)
{
	_Bool fine = asan_check((unsigned long)from, size, 0, pc);

	return asan_check((unsigned long)to, size, 1, pc) && fine;
}

ASAN_API void *__asan_memcpy(void *to, const void *from, unsigned long size)
{
	return asan_check_copy(to, from, size, ASAN_CALLER) ? memcpy(to, from, size) : NULL;
}

ASAN_API void *__asan_memmove(void *to, const void *from, unsigned long size)
{
	return asan_check_copy(to, from, size, ASAN_CALLER) ? memmove(to, from, size) : NULL;
}

ASAN_API int __kfail_memcmp(const void *a, const void *b, unsigned long size)
{
	asan_check((unsigned long)a, size, 0, ASAN_CALLER);
	asan_check((unsigned long)b, size, 0, ASAN_CALLER);
	return memcmp(a, b, size);
}

ASAN_API void *__kfail_memchr(const void *p, int c, unsigned long size)
{
	const char *found = memchr(p, c, size);

	asan_check((unsigned long)p, found ? (unsigned long)(found - (const char *)p) + 1 : size, 0,
		   ASAN_CALLER);
	return (void *)found;
}

/* A string up to its NUL, or `max` bytes of it. Such functions read a byte at a time: the first bad one is told. */
static inline __attribute__((always_inline)) unsigned long
asan_check_string(const char *s, unsigned long max, unsigned long pc)
{
	unsigned long length = strnlen(s, max), size = length < max ? length + 1 : max;
	unsigned long bad = access_first_bad((unsigned long)s, size);

	if (bad != (unsigned long)s + size)
		access_check(bad, 1, 0, pc);
	return length;
}

ASAN_API unsigned long __kfail_strlen(const char *s)
{
	return asan_check_string(s, ~0ul >> 1, ASAN_CALLER);
}

ASAN_API unsigned long __kfail_strnlen(const char *s, unsigned long max)
{
	return asan_check_string(s, max, ASAN_CALLER);
}

ASAN_API char *__kfail_strcpy(char *to, const char *from)
{
	unsigned long length = asan_check_string(from, ~0ul >> 1, ASAN_CALLER);

	asan_check((unsigned long)to, length + 1, 1, ASAN_CALLER);
	return memcpy(to, from, length + 1);
}

ASAN_API char *__kfail_strncpy(char *to, const char *from, unsigned long size)
{
	asan_check_string(from, size, ASAN_CALLER);
	asan_check((unsigned long)to, size, 1, ASAN_CALLER);
	return strncpy(to, from, size);
}

ASAN_API char *__kfail_strcat(char *to, const char *from)
{
	unsigned long had = asan_check_string(to, ~0ul >> 1, ASAN_CALLER);
	unsigned long length = asan_check_string(from, ~0ul >> 1, ASAN_CALLER);

	asan_check((unsigned long)to + had, length + 1, 1, ASAN_CALLER);
	memcpy(to + had, from, length + 1);
	return to;
}

ASAN_API int __kfail_strcmp(const char *a, const char *b)
{
	asan_check_string(a, strlen(b) + 1, ASAN_CALLER);
	asan_check_string(b, strlen(a) + 1, ASAN_CALLER);
	return strcmp(a, b);
}

ASAN_API int __kfail_strncmp(const char *a, const char *b, unsigned long size)
{
	unsigned long both = strnlen(a, size), other = strnlen(b, size);

	both = (both < other ? both : other) + 1;
	asan_check_string(a, both < size ? both : size, ASAN_CALLER);
	asan_check_string(b, both < size ? both : size, ASAN_CALLER);
	return strncmp(a, b, size);
}

ASAN_API char *__kfail_strchr(const char *s, int c)
{
	char *found = strchr(s, c);

	asan_check_string(s, found ? (unsigned long)(found - s) + 1 : ~0ul >> 1, ASAN_CALLER);
	return found;
}

ASAN_API char *__kfail_strrchr(const char *s, int c)
{
	asan_check_string(s, ~0ul >> 1, ASAN_CALLER);
	return strrchr(s, c);
}

/* ---- variables ---- */

static inline void asan_poison_globals(const struct kf_global *globals, unsigned long count)
{
	for (unsigned long i = 0; i < count; i++) {
		unsigned long aligned = (globals[i].size + 7) & ~7ul;

		if (!kf_shadowed_range(&asan_windows, globals[i].start,
				       globals[i].size_with_redzone))
			continue;
		kf_shadow_open(globals[i].start, globals[i].size);
		kf_shadow_fill(globals[i].start + aligned, globals[i].size_with_redzone - aligned,
			       KF_SHADOW_GLOBAL);
	}
}

ASAN_API void __asan_register_globals(struct kf_global *globals, long count)
{
	asan_poison_globals(globals, (unsigned long)count);
	globals_add(globals, (unsigned long)count);
}

ASAN_API void __asan_unregister_globals(struct kf_global *globals, long count)
{
	for (long i = 0; i < count; i++)
		if (kf_shadowed_range(&asan_windows, globals[i].start,
				      globals[i].size_with_redzone))
			kf_shadow_fill(globals[i].start, globals[i].size_with_redzone, 0);
	globals_remove(globals);
}

/* The compiler wants room for an alloca() with a redzone before and behind it. */
ASAN_API void __asan_alloca_poison(unsigned long addr, unsigned long size)
{
	unsigned long inside = (size + 7) & ~7ul;
	unsigned long padding =
		((size + KF_ALLOCA_REDZONE - 1) & -(unsigned long)KF_ALLOCA_REDZONE) - inside;

	if (!kf_shadowed(&asan_windows, addr))
		return;
	kf_shadow_open(addr, size);
	kf_shadow_fill(addr - KF_ALLOCA_REDZONE, KF_ALLOCA_REDZONE, KF_SHADOW_ALLOCA_LEFT);
	kf_shadow_fill(addr + inside, padding + KF_ALLOCA_REDZONE, KF_SHADOW_ALLOCA_RIGHT);
}

ASAN_API void __asan_allocas_unpoison(const void *top, const void *bottom)
{
	if (top && top <= bottom && kf_shadowed(&asan_windows, (unsigned long)top))
		kf_shadow_open((unsigned long)top, (unsigned long)bottom - (unsigned long)top);
}

ASAN_API void __asan_poison_stack_memory(const void *addr, unsigned long size)
{
	if (kf_shadowed(&asan_windows, (unsigned long)addr))
		kf_shadow_fill((unsigned long)addr, (size + 7) & ~7ul, KF_SHADOW_SCOPE);
}

ASAN_API void __asan_unpoison_stack_memory(const void *addr, unsigned long size)
{
	if (kf_shadowed(&asan_windows, (unsigned long)addr))
		kf_shadow_open((unsigned long)addr, size);
}

/* Of large frames: `addr` is in the shadow itself. */
#define ASAN_SET_SHADOW(byte)                                                  \
	ASAN_API void __asan_set_shadow_##byte(void *addr, unsigned long size) \
	{                                                                      \
		__builtin_memset(addr, 0x##byte, size);                        \
	}

ASAN_SET_SHADOW(00)
ASAN_SET_SHADOW(f1)
ASAN_SET_SHADOW(f2)
ASAN_SET_SHADOW(f3)
ASAN_SET_SHADOW(f5)
ASAN_SET_SHADOW(f8)

#endif
