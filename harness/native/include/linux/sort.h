/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef KFAIL_LINUX_SORT_H
#define KFAIL_LINUX_SORT_H

#include "types.h"

void sort(void *base, size_t num, size_t size, int (*cmp)(const void *, const void *),
	  void (*swap_func)(void *, void *, int));

#endif
