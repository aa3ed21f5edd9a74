// SPDX-License-Identifier: GPL-2.0-only
/*
 * Strings that libc does not know, numbers from text, bitmaps, sorting, random numbers. After
 * lib/string.c, lib/kstrtox.c, lib/bitmap.c of 6.1, in their behaviour.
 */
#include "world.h"

#include "include/linux/bitmap.h"
#include "include/linux/ctype.h"
#include "include/linux/errno.h"
#include "include/linux/random.h"
#include "include/linux/slab.h"
#include "include/linux/sort.h"
#include "include/linux/string.h"

NATIVE_API ssize_t strscpy(char *dest, const char *src, size_t count)
{
	size_t len;

	if (!count || count > INT_MAX)
		return -E2BIG;
	len = strnlen(src, count);
	if (len < count) {
		memcpy(dest, src, len + 1);
		return (ssize_t)len;
	}
	memcpy(dest, src, count - 1);
	dest[count - 1] = '\0';
	native_wrote(dest, count);
	return -E2BIG;
}

NATIVE_API ssize_t strscpy_pad(char *dest, const char *src, size_t count)
{
	ssize_t n = strscpy(dest, src, count);

	if (n >= 0)
		memset(dest + n, 0, count - (size_t)n);
	return n;
}

NATIVE_API size_t native_strlcpy(char *dest, const char *src, size_t size)
{
	size_t len = strlen(src);

	if (size) {
		size_t n = min(len, size - 1);

		memcpy(dest, src, n);
		dest[n] = '\0';
		native_wrote(dest, n + 1);
	}
	return len;
}

NATIVE_API size_t native_strlcat(char *dest, const char *src, size_t count)
{
	size_t len = strlen(dest);

	return len + native_strlcpy(dest + len, src, count > len ? count - len : 0);
}

NATIVE_API char *skip_spaces(const char *s)
{
	while (isspace(*s))
		s++;
	return (char *)s;
}

NATIVE_API char *strim(char *s)
{
	size_t n = strlen(s);

	while (n && isspace(s[n - 1]))
		s[--n] = '\0';
	return skip_spaces(s);
}

NATIVE_API char *strreplace(char *s, char old, char new_char)
{
	for (; *s; s++)
		if (*s == old)
			*s = new_char;
	return s;
}

NATIVE_API bool sysfs_streq(const char *a, const char *b)
{
	while (*a && *a == *b)
		a++, b++;
	return *a == *b || (!*a && *b == '\n' && !b[1]) || (*a == '\n' && !a[1] && !*b);
}

NATIVE_API int match_string(const char *const *array, size_t n, const char *string)
{
	for (size_t i = 0; i < n && array[i]; i++)
		if (!strcmp(array[i], string))
			return (int)i;
	return -EINVAL;
}

NATIVE_API void *memchr_inv(const void *start, int c, size_t n)
{
	const u8 *p = start;

	for (; n; n--, p++)
		if (*p != (u8)c)
			return (void *)p;
	return NULL;
}

NATIVE_API void *memscan(void *s, int c, size_t n)
{
	u8 *p = s;

	for (; n && *p != (u8)c; n--)
		p++;
	return p;
}

NATIVE_API void memzero_explicit(void *s, size_t count)
{
	memset(s, 0, count);
	barrier_data(s);
}

/* ---- numbers from text ---- */

static const char *parse_base(const char *s, unsigned int *base)
{
	bool hex = s[0] == '0' && tolower(s[1]) == 'x' && isxdigit(s[2]);

	if (*base == 0)
		*base = hex ? 16 : s[0] == '0' ? 8 : 10;
	return *base == 16 && hex ? s + 2 : s;
}

static int digit_value(char c)
{
	if (isdigit(c))
		return c - '0';
	return isalpha(c) ? tolower(c) - 'a' + 10 : 99;
}

/* As many digits as there are; *overflow when they did not fit. */
static const char *parse_digits(const char *s, unsigned int base, unsigned long long *res,
				bool *overflow)
{
	unsigned long long value = 0;

	*overflow = false;
	for (; (unsigned int)digit_value(*s) < base; s++)
		if (check_mul_overflow(value, base, &value) ||
		    check_add_overflow(value, (unsigned long long)digit_value(*s), &value))
			*overflow = true;
	*res = value;
	return s;
}

static int parse_whole(const char *s, unsigned int base, unsigned long long *res)
{
	bool overflow;
	const char *digits = parse_base(s, &base), *end;

	end = parse_digits(digits, base, res, &overflow);
	if (end == digits)
		return -EINVAL;
	if (overflow)
		return -ERANGE;
	if (*end == '\n')
		end++;
	return *end ? -EINVAL : 0;
}

NATIVE_API int kstrtoull(const char *s, unsigned int base, unsigned long long *res)
{
	return parse_whole(*s == '+' ? s + 1 : s, base, res);
}

NATIVE_API int kstrtoll(const char *s, unsigned int base, long long *res)
{
	bool negative = *s == '-';
	unsigned long long value;
	int error = negative ? parse_whole(s + 1, base, &value) : kstrtoull(s, base, &value);

	if (error)
		return error;
	if (value > (unsigned long long)LLONG_MAX + negative)
		return -ERANGE;
	*res = negative ? (long long)(0 - value) : (long long)value;
	return 0;
}

#define KSTRTO(name, type, wide, parse)                                  \
	NATIVE_API int name(const char *s, unsigned int base, type *res) \
	{                                                                \
		wide value;                                              \
		int error = parse(s, base, &value);                      \
                                                                         \
		if (error)                                               \
			return error;                                    \
		if (value != (wide)(type)value)                          \
			return -ERANGE;                                  \
		*res = (type)value;                                      \
		return 0;                                                \
	}
KSTRTO(kstrtoul, unsigned long, unsigned long long, kstrtoull)
KSTRTO(kstrtol, long, long long, kstrtoll)
KSTRTO(kstrtouint, unsigned int, unsigned long long, kstrtoull)
KSTRTO(kstrtoint, int, long long, kstrtoll)
KSTRTO(kstrtou16, u16, unsigned long long, kstrtoull)
KSTRTO(kstrtou8, u8, unsigned long long, kstrtoull)

NATIVE_API int kstrtobool(const char *s, bool *res)
{
	if (!s)
		return -EINVAL;
	if (strchr("yYtT1", s[0]) && s[0])
		*res = true;
	else if (strchr("nNfF0", s[0]) && s[0])
		*res = false;
	else if (tolower(s[0]) == 'o' && (tolower(s[1]) == 'n' || tolower(s[1]) == 'f'))
		*res = tolower(s[1]) == 'n';
	else
		return -EINVAL;
	return 0;
}

NATIVE_API unsigned long long simple_strtoull(const char *s, char **end, unsigned int base)
{
	unsigned long long value;
	bool overflow;

	s = parse_base(s, &base);
	s = parse_digits(s, base, &value, &overflow);
	if (end)
		*end = (char *)s;
	return value;
}

NATIVE_API unsigned long simple_strtoul(const char *s, char **end, unsigned int base)
{
	return simple_strtoull(s, end, base);
}

NATIVE_API long simple_strtol(const char *s, char **end, unsigned int base)
{
	if (*s == '-')
		return -(long)simple_strtoull(s + 1, end, base);
	return (long)simple_strtoull(s, end, base);
}

NATIVE_API unsigned long long memparse(const char *s, char **end)
{
	static const char suffixes[] = "kmgtpe";
	char *stop;
	unsigned long long value = simple_strtoull(s, &stop, 0);
	const char *suffix = *stop ? strchr(suffixes, tolower(*stop)) : NULL;

	if (suffix) {
		value <<= 10 * (suffix - suffixes + 1);
		stop++;
	}
	if (end)
		*end = stop;
	return value;
}

/* ---- bitmaps ---- */

static unsigned long next_bit(const unsigned long *addr, unsigned long size, unsigned long offset,
			      unsigned long invert)
{
	for (; offset < size; offset = round_down(offset, BITS_PER_LONG) + BITS_PER_LONG) {
		unsigned long word = addr[BIT_WORD(offset)] ^ invert;

		word &= ~0ul << (offset % BITS_PER_LONG);
		if (word)
			return min(round_down(offset, BITS_PER_LONG) + __ffs(word), size);
	}
	return size;
}

NATIVE_API unsigned long find_next_bit(const unsigned long *addr, unsigned long size,
				       unsigned long offset)
{
	return next_bit(addr, size, offset, 0);
}

NATIVE_API unsigned long find_next_zero_bit(const unsigned long *addr, unsigned long size,
					    unsigned long offset)
{
	return next_bit(addr, size, offset, ~0ul);
}

NATIVE_API unsigned long *bitmap_alloc(unsigned int nbits, gfp_t flags)
{
	return kmalloc_array(BITS_TO_LONGS(nbits), sizeof(long), flags);
}

NATIVE_API unsigned long *bitmap_zalloc(unsigned int nbits, gfp_t flags)
{
	return kmalloc_array(BITS_TO_LONGS(nbits), sizeof(long), flags | __GFP_ZERO);
}

NATIVE_API void bitmap_free(const unsigned long *bitmap)
{
	kfree(bitmap);
}

NATIVE_API void bitmap_set(unsigned long *map, unsigned int start, unsigned int nbits)
{
	for (; nbits; nbits--, start++)
		map[BIT_WORD(start)] |= BIT_MASK(start);
}

NATIVE_API void bitmap_clear(unsigned long *map, unsigned int start, unsigned int nbits)
{
	for (; nbits; nbits--, start++)
		map[BIT_WORD(start)] &= ~BIT_MASK(start);
}

NATIVE_API unsigned int bitmap_weight(const unsigned long *map, unsigned int nbits)
{
	unsigned int n = 0;
	unsigned long bit;

	for_each_set_bit(bit, map, nbits) n++;
	return n;
}

NATIVE_API unsigned long bitmap_find_next_zero_area(unsigned long *map, unsigned long size,
						    unsigned long start, unsigned int nr,
						    unsigned long align_mask)
{
	for (;;) {
		unsigned long index = find_next_zero_bit(map, size, start), next;

		index = (index + align_mask) & ~align_mask;
		if (index + nr > size)
			return index + nr;
		next = find_next_bit(map, index + nr, index);
		if (next >= index + nr)
			return index;
		start = next + 1;
	}
}

/* ---- sorting and random numbers ---- */

static void swap_bytes(void *a, void *b, int size)
{
	u8 *x = a, *y = b;

	for (; size; size--, x++, y++)
		swap(*x, *y);
}

/* Heapsort, as in the kernel: in place, no recursion. */
NATIVE_API void sort(void *base, size_t num, size_t size, int (*cmp)(const void *, const void *),
		     void (*swap_func)(void *, void *, int))
{
	u8 *p = base;
	size_t start = num / 2, end = num;

	if (!swap_func)
		swap_func = swap_bytes;
	while (end > 1) {
		size_t root, child;

		if (start)
			start--;
		else if (--end)
			swap_func(p, p + end * size, (int)size);
		for (root = start; (child = 2 * root + 1) < end; root = child) {
			if (child + 1 < end && cmp(p + child * size, p + (child + 1) * size) < 0)
				child++;
			if (cmp(p + root * size, p + child * size) >= 0)
				break;
			swap_func(p + root * size, p + child * size, (int)size);
		}
	}
}

NATIVE_API u64 get_random_u64(void)
{
	u64 x = native_state.random += 0x9e3779b97f4a7c15ull;

	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ull;
	x = (x ^ (x >> 27)) * 0x94d049bb133111ebull;
	return x ^ (x >> 31);
}

NATIVE_API u32 get_random_u32(void)
{
	return (u32)(get_random_u64() >> 32);
}

NATIVE_API u32 get_random_u32_below(u32 ceil)
{
	return (u32)(((u64)get_random_u32() * ceil) >> 32);
}

NATIVE_API void get_random_bytes(void *buf, size_t len)
{
	native_wrote(buf, len);
	for (u8 *p = buf; len; len--)
		*p++ = (u8)(get_random_u64() >> 56);
}
