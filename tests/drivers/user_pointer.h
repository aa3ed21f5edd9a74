/* SPDX-License-Identifier: GPL-2.0-only */
/* What tests/drivers/user_pointer.c and its program agree on. */
#ifndef USER_POINTER_H
#define USER_POINTER_H

#include <linux/ioctl.h>

struct pair {
	int a, b;
};

#define POINTER_SUM    _IO('U', 1)
#define POINTER_ANSWER _IO('U', 2)
#define POINTER_LENGTH _IO('U', 3)
#define POINTER_MUCH   _IO('U', 4)

#endif
