/* SPDX-License-Identifier: GPL-2.0-only */
/* Random numbers are the same in every run. */
#ifndef KFAIL_LINUX_RANDOM_H
#define KFAIL_LINUX_RANDOM_H

#include "types.h"

void get_random_bytes(void *buf, size_t len);
u32 get_random_u32(void);
u64 get_random_u64(void);
u32 get_random_u32_below(u32 ceil);
#define get_random_int()	get_random_u32()
#define get_random_long()	((unsigned long)get_random_u64())
#define prandom_u32()		get_random_u32()
#define prandom_u32_max(ceil)	get_random_u32_below(ceil)
#define prandom_bytes(buf, len) get_random_bytes(buf, len)

#endif
