// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bug: an error path frees what its caller frees again.
 * Seen: double free, when the second request is refused.
 */
#include "catalogue.h"

struct board {
	char *names, *ring;
};

static int make_ring(struct board *board)
{
	board->ring = kmalloc(512, GFP_KERNEL);
	if (board->ring)
		return 0;
	if (!fixed)
		kfree(board->names); /* @freed */
	return -ENOMEM;
}

static int __init start(void)
{
	struct board board = {};
	int error;

	board.names = kmalloc(96, GFP_KERNEL); /* @made */
	if (!board.names)
		return -ENOMEM;
	error = make_ring(&board);
	kfree(board.ring);
	kfree(hide(board.names)); /* @bug */
	return error;
}

only_init(start);
