// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: the checksum reads one word more than the object has.
 * Finding: out-of-bounds, without a refusal, in sum_words(), at the very read; only with --guard.
 */
#include <linux/module.h>
#include <linux/slab.h>

#define WORDS 16

static u32 *words;

static noinline u32 sum_words(const u32 *from, unsigned int count)
{
	u32 sum = 0;
	unsigned int i;

	for (i = 0; i < count; i++)
		sum += READ_ONCE(from[i]);
	return sum;
}

static int __init guard_read_init(void)
{
	words = kcalloc(WORDS, sizeof(*words), GFP_KERNEL);
	return words ? 0 : -ENOMEM;
}

static void __exit guard_read_exit(void)
{
	words[0] = sum_words(words, BUGGY ? WORDS + 1 : WORDS);
	kfree(words);
}

module_init(guard_read_init);
module_exit(guard_read_exit);
MODULE_LICENSE("GPL");
