// SPDX-License-Identifier: GPL-2.0-only
/*
 * Random numbers: drivers/char/random.c. A fixed sequence, so that every run of a world is the
 * same.
 */
#include <linux/random.h>
#include <linux/blkdev.h>
#include "host.h"

static u32 state = 1;

static void fill(void *buf, size_t len)
{
	u8 *p = buf;

	while (len--) {
		state = state * 1103515245 + 12345;
		*p++ = state >> 16;
	}
}

void get_random_bytes(void *buf, size_t len)
{
	fill(buf, len);
}

void _get_random_bytes(void *buf, size_t len)
{
	fill(buf, len);
}

#define GET_RANDOM(type, name)               \
	type name(void)                      \
	{                                    \
		type value;                  \
                                             \
		fill(&value, sizeof(value)); \
		return value;                \
	}

GET_RANDOM(u8, get_random_u8)
GET_RANDOM(u16, get_random_u16)
GET_RANDOM(u32, get_random_u32)
GET_RANDOM(u64, get_random_u64)

int wait_for_random_bytes(void)
{
	return 0;
}

bool rng_is_initialized(void)
{
	return true;
}

void add_device_randomness(const void *buf, size_t len)
{
}

void add_interrupt_randomness(int irq)
{
}

void add_input_randomness(unsigned int type, unsigned int code, unsigned int value)
{
}

void add_disk_randomness(struct gendisk *disk)
{
}
