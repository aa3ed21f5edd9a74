// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: a structure with a flexible array is allocated without room for it.
 * Seen: out of bounds.
 */
#include "catalogue.h"

struct message {
	unsigned int length;
	unsigned char data[];
};

static int __init start(void)
{
	size_t size = fixed ? sizeof(struct message) + 20 : sizeof(struct message);
	struct message *message = kmalloc(size, GFP_KERNEL); /* @made */
	unsigned int i;

	if (!message)
		return -ENOMEM;
	for (i = 0; i < 20; i++)
		WRITE_ONCE(message->data[hide(i)], i); /* @bug */
	kfree(message);
	return 0;
}

only_init(start);
