// SPDX-License-Identifier: GPL-2.0-only
/*
 * memset() and its kin, as the library's own code calls them (the Makefile renames the calls). ThreadSanitizer would take
 * those of libc for accesses of the program, and tell of races between an allocator that looks at the bytes of an object and the
 * thread that had the object before; so under it they are kept from its eyes, and from AddressSanitizer's, for which guards are nobody's. MemorySanitizer wants to see
 * them: that is how it knows what is initialised.
 */
#include <stddef.h>
#include <string.h>

extern void __tsan_acquire(void *addr) __attribute__((weak));
extern void __asan_poison_memory_region(const volatile void *addr, size_t size)
	__attribute__((weak));

static inline _Bool is_watched(void)
{
	return __tsan_acquire || __asan_poison_memory_region;
}

void *kfail_memset(void *s, int c, size_t n);
void *kfail_memcpy(void *dest, const void *src, size_t n);
void *kfail_memmove(void *dest, const void *src, size_t n);
int kfail_memcmp(const void *a, const void *b, size_t n);

void *kfail_memset(void *s, int c, size_t n)
{
	void *to = s;

	if (!is_watched())
		return memset(s, c, n);
	__asm__ volatile("rep stosb" : "+D"(to), "+c"(n) : "a"(c) : "memory");
	return s;
}

static void *copy(void *dest, const void *src, size_t n)
{
	void *to = dest;

	__asm__ volatile("rep movsb" : "+D"(to), "+S"(src), "+c"(n) : : "memory");
	return dest;
}

void *kfail_memcpy(void *dest, const void *src, size_t n)
{
	return is_watched() ? copy(dest, src, n) : memcpy(dest, src, n);
}

void *kfail_memmove(void *dest, const void *src, size_t n)
{
	if (!is_watched())
		return memmove(dest, src, n);
	if (dest <= src)
		return copy(dest, src, n);
	while (n--)
		((volatile char *)dest)[n] = ((const volatile char *)src)[n];
	return dest;
}

int kfail_memcmp(const void *a, const void *b, size_t n)
{
	const volatile unsigned char *x = a, *y = b;

	if (!is_watched())
		return memcmp(a, b, n);
	for (size_t i = 0; i < n; i++)
		if (x[i] != y[i])
			return x[i] - y[i];
	return 0;
}
