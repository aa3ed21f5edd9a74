/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Strings and memory. What libc has, it serves; what only the kernel has, the runtime adds.
 * Duplicating forms allocate, so they may be refused.
 */
#ifndef KFAIL_LINUX_STRING_H
#define KFAIL_LINUX_STRING_H

#include "err.h"
#include "overflow.h"
#include "types.h"

void *memcpy(void *dest, const void *src, size_t n);
void *memmove(void *dest, const void *src, size_t n);
void *memset(void *s, int c, size_t n);
int memcmp(const void *a, const void *b, size_t n);
void *memchr(const void *s, int c, size_t n);
size_t strlen(const char *s);
size_t strnlen(const char *s, size_t n);
char *strcpy(char *dest, const char *src);
char *strncpy(char *dest, const char *src, size_t n);
char *strcat(char *dest, const char *src);
char *strncat(char *dest, const char *src, size_t n);
int strcmp(const char *a, const char *b);
int strncmp(const char *a, const char *b, size_t n);
int strcasecmp(const char *a, const char *b);
int strncasecmp(const char *a, const char *b, size_t n);
char *strchr(const char *s, int c);
char *strrchr(const char *s, int c);
char *strchrnul(const char *s, int c);
char *strstr(const char *s, const char *what);
char *strpbrk(const char *s, const char *accept);
char *strsep(char **s, const char *ct);
size_t strspn(const char *s, const char *accept);
size_t strcspn(const char *s, const char *reject);

/* Bytes copied without the NUL, or -E2BIG. */
ssize_t strscpy(char *dest, const char *src, size_t count);
ssize_t strscpy_pad(char *dest, const char *src, size_t count);
size_t native_strlcpy(char *dest, const char *src, size_t size);
size_t native_strlcat(char *dest, const char *src, size_t count);
#define strlcpy native_strlcpy
#define strlcat native_strlcat
char *strim(char *s);
char *skip_spaces(const char *s);
char *strreplace(char *s, char old, char new_char);
bool sysfs_streq(const char *a, const char *b);
int match_string(const char *const *array, size_t n, const char *string);
void *memchr_inv(const void *start, int c, size_t n);
void memzero_explicit(void *s, size_t count);
void *memscan(void *s, int c, size_t n);
#define strstrip(s) strim(s)

static inline bool strstarts(const char *str, const char *prefix)
{
	return strncmp(str, prefix, strlen(prefix)) == 0;
}

static inline const char *kbasename(const char *path)
{
	const char *tail = strrchr(path, '/');

	return tail ? tail + 1 : path;
}

void kfree_const(const void *x);
char *kstrdup(const char *s, gfp_t gfp);
const char *kstrdup_const(const char *s, gfp_t gfp);
char *kstrndup(const char *s, size_t len, gfp_t gfp);
void *kmemdup(const void *src, size_t len, gfp_t gfp);
char *kmemdup_nul(const char *s, size_t len, gfp_t gfp);
void *memdup_user(const void __user *src, size_t len);
void *vmemdup_user(const void __user *src, size_t len);
void *memdup_user_nul(const void __user *src, size_t len);
char *strndup_user(const char __user *s, long n);

/* A product that overflows is refused without asking anybody. */
static inline void *memdup_array_user(const void __user *src, size_t n, size_t size)
{
	size_t bytes;

	return check_mul_overflow(n, size, &bytes) ? ERR_PTR(-EOVERFLOW) : memdup_user(src, bytes);
}

static inline void *vmemdup_array_user(const void __user *src, size_t n, size_t size)
{
	size_t bytes;

	return check_mul_overflow(n, size, &bytes) ? ERR_PTR(-EOVERFLOW) : vmemdup_user(src, bytes);
}

#endif
