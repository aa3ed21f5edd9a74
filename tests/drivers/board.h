/* SPDX-License-Identifier: GPL-2.0-only */
/* What board.c and the programs that use it agree on. */
#ifndef KFAIL_TESTS_BOARD_H
#define KFAIL_TESTS_BOARD_H

#define BOARD_TEXT 64

struct board_state {
	unsigned long length;
	int ready;
};

#define BOARD_SET_UP _IO('b', 1)
#define BOARD_STATE  _IOR('b', 2, struct board_state)

#endif
