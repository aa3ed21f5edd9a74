// SPDX-License-Identifier: GPL-2.0-only
/* Types, sizes, arithmetic, bits, errors: what needs no runtime. */
#include <linux/bitmap.h>
#include <linux/completion.h>
#include <linux/err.h>
#include <linux/hash.h>
#include <linux/kernel.h>
#include <linux/log2.h>
#include <linux/math64.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/overflow.h>
#include <linux/rwsem.h>
#include <linux/semaphore.h>
#include <linux/sizes.h>
#include <linux/sort.h>
#include <linux/workqueue.h>
#include <asm/byteorder.h>
#include "check.h"

/* As on x86-64 without lock debugging: objects around them fall into the same size class. */
static_assert(sizeof(spinlock_t) == 4);
static_assert(sizeof(rwlock_t) == 8);
static_assert(sizeof(struct mutex) == 32);
static_assert(sizeof(struct rw_semaphore) == 40);
static_assert(sizeof(struct semaphore) == 24);
static_assert(sizeof(wait_queue_head_t) == 24);
static_assert(sizeof(struct completion) == 32);
static_assert(sizeof(struct work_struct) == 32);
static_assert(sizeof(struct timer_list) == 40);
static_assert(sizeof(struct delayed_work) == 88);
static_assert(sizeof(struct kref) == 4);
static_assert(sizeof(struct rcu_head) == 16);
static_assert(sizeof(struct kobject) == 64);
static_assert(sizeof(struct page) == 64);

struct flexible {
	u32 count;
	u64 items[];
};

static void numbers(void)
{
	u64 big = 1000000007ull * 1000;
	size_t sum;

	CHECK(min(3, 4) == 3 && max(3u, 4u) == 4 && clamp(10, 1, 5) == 5);
	CHECK(min_t(u8, 3, 200) == 3);
	CHECK(DIV_ROUND_UP(10, 3) == 4 && roundup(10, 3) == 12 && rounddown(10, 3) == 9);
	CHECK(round_up(10, 8) == 16 && round_down(10, 8) == 8 && ALIGN(5, 4) == 8);
	CHECK(abs(-3) == 3 && DIV_ROUND_CLOSEST(7, 2) == 4);
	CHECK(do_div(big, 1000) == 0 && big == 1000000007ull);
	CHECK(ilog2(1024) == 10 && ilog2(1023) == 9 && is_power_of_2(64) && !is_power_of_2(65));
	CHECK(roundup_pow_of_two(100) == 128 && order_base_2(5) == 3);
	CHECK(get_order(1) == 0 && get_order(4097) == 1 && get_order(0) == 52);
	CHECK(check_add_overflow(SIZE_MAX, (size_t)1, &sum));
	CHECK(array_size(SIZE_MAX, 2) == SIZE_MAX && array3_size(2, 3, 4) == 24);
	CHECK(struct_size((struct flexible *)NULL, items, 3) == 8 + 24);
	CHECK(cpu_to_be32(0x01020304) == 0x04030201 && le16_to_cpu(0x1234) == 0x1234);
	CHECK(upper_32_bits(0x100000002ull) == 1 && lower_32_bits(0x100000002ull) == 2);
	CHECK(hash_32(0, 8) == 0 && hash_64(1, 10) < 1024);
	CHECK(SZ_1M == 1 << 20 && IS_ENABLED(CONFIG_SMP) && !IS_ENABLED(CONFIG_KFAIL_UNKNOWN));
}

static void bits(void)
{
	DECLARE_BITMAP(map, 130) = {0};
	unsigned long bit, sum = 0;

	set_bit(3, map);
	set_bit(129, map);
	CHECK(test_bit(129, map) && !test_bit(128, map));
	CHECK(find_first_bit(map, 130) == 3 && find_next_bit(map, 130, 4) == 129);
	CHECK(find_next_bit(map, 129, 4) == 129 && find_first_zero_bit(map, 130) == 0);
	for_each_set_bit(bit, map, 130) sum += bit;
	CHECK(sum == 132 && bitmap_weight(map, 130) == 2);
	CHECK(test_and_clear_bit(3, map) && !test_and_set_bit(3, map));
	bitmap_set(map, 10, 5);
	CHECK(bitmap_find_next_zero_area(map, 130, 8, 4, 0) == 15);
	CHECK(ffs(8) == 4 && fls(8) == 4 && __ffs(8) == 3 && __fls(9) == 3 && fls64(0) == 0);
	CHECK(hweight32(0xff) == 8 && BIT(5) == 32 && GENMASK(7, 4) == 0xf0);
	CHECK(rol32(0x80000001, 1) == 3);
}

static void errors(void)
{
	void *p = ERR_PTR(-ENOMEM);

	CHECK(IS_ERR(p) && PTR_ERR(p) == -ENOMEM && !IS_ERR(NULL) && IS_ERR_OR_NULL(NULL));
	CHECK(PTR_ERR_OR_ZERO(p) == -12 && !PTR_ERR_OR_ZERO(&p));
	CHECK(PTR_ERR(ERR_CAST(p)) == -12);
}

static int ascending(const void *a, const void *b)
{
	return *(const int *)a - *(const int *)b;
}

static void sorting(void)
{
	int v[] = {5, 3, 9, 1, 1, 8, 2};

	sort(v, ARRAY_SIZE(v), sizeof(v[0]), ascending, NULL);
	for (size_t i = 1; i < ARRAY_SIZE(v); i++)
		CHECK(v[i - 1] <= v[i]);
}

static void all(void)
{
	numbers();
	bits();
	errors();
	sorting();
}

CHECKED_DRIVER(all);
