/* SPDX-License-Identifier: GPL-2.0-only */
/* What tests/drivers/user_memory.c and its program agree on. */
#ifndef USER_MEMORY_H
#define USER_MEMORY_H

#include <linux/ioctl.h>

#define MEMORY_LOCK	_IO('M', 1)
#define MEMORY_WORK	_IO('M', 2)
#define MEMORY_PIN	_IO('M', 3)
#define MEMORY_PIN_FAST _IO('M', 4)
#define MEMORY_REMOTE	_IO('M', 5)
#define MEMORY_AREA	_IO('M', 6)

#endif
