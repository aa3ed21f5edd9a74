/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Included first into every source that `kfail build --kasan` compiles: what a kernel with CONFIG_KASAN says in its headers,
 * for one that is built without. Its layouts of structures stay those of the kernel that runs.
 *
 * Functions that touch memory for their caller are led to variants that check first; the compiler's own calls of memcpy()
 * and its kin too. Instructions that the compiler does not see (atomics, bit operations) are announced by the kernel's own
 * headers to <linux/kasan-checks.h>, which this stands in for.
 */
#ifndef KFAIL_KASAN_H
#define KFAIL_KASAN_H

#ifndef __ASSEMBLY__

#include <linux/types.h>

void *memcpy(void *to, const void *from, __SIZE_TYPE__ size) __asm__("__asan_memcpy");
void *memmove(void *to, const void *from, __SIZE_TYPE__ size) __asm__("__asan_memmove");
void *memset(void *to, int value, __SIZE_TYPE__ size) __asm__("__asan_memset");
int memcmp(const void *a, const void *b, __SIZE_TYPE__ size) __asm__("__kfail_memcmp");
void *memchr(const void *p, int c, __SIZE_TYPE__ size) __asm__("__kfail_memchr");
__SIZE_TYPE__ strlen(const char *s) __asm__("__kfail_strlen");
__SIZE_TYPE__ strnlen(const char *s, __SIZE_TYPE__ max) __asm__("__kfail_strnlen");
char *strcpy(char *to, const char *from) __asm__("__kfail_strcpy");
char *strncpy(char *to, const char *from, __SIZE_TYPE__ size) __asm__("__kfail_strncpy");
char *strcat(char *to, const char *from) __asm__("__kfail_strcat");
int strcmp(const char *a, const char *b) __asm__("__kfail_strcmp");
int strncmp(const char *a, const char *b, __SIZE_TYPE__ size) __asm__("__kfail_strncmp");
char *strchr(const char *s, int c) __asm__("__kfail_strchr");
char *strrchr(const char *s, int c) __asm__("__kfail_strrchr");

unsigned long _copy_from_user(void *to, const void *from,
			      unsigned long n) __asm__("__kfail_copy_from_user");
unsigned long _copy_to_user(void *to, const void *from,
			    unsigned long n) __asm__("__kfail_copy_to_user");

#define _LINUX_KASAN_CHECKS_H
_Bool __kfail_check_read(const volatile void *p, unsigned int size);
_Bool __kfail_check_write(const volatile void *p, unsigned int size);
#define kasan_check_read    __kfail_check_read
#define kasan_check_write   __kfail_check_write
#define __kasan_check_read  __kfail_check_read
#define __kasan_check_write __kfail_check_write

#endif
#endif
