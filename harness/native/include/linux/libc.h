/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * For programs with a libc beside the kernel's headers (KFAIL_LIBRARY): libc's declarations of what both have come
 * first, once, so that a program's own #include of them changes nothing any more. Names that mean one thing in the
 * kernel and another in libc are the kernel's from here on.
 */
#ifndef KFAIL_LINUX_LIBC_H
#define KFAIL_LINUX_LIBC_H

#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

/* 32 bits in the kernel, 64 in libc. */
#define dev_t kfail_dev_t
/* long long in the kernel; in libc long, or not there at all. */
#define loff_t kfail_loff_t

#endif
