/* SPDX-License-Identifier: GPL-2.0-only */
/* From a member to the struct around it. */
#ifndef KFAIL_LINUX_CONTAINER_OF_H
#define KFAIL_LINUX_CONTAINER_OF_H

#include "stddef.h"

#define typeof_member(T, m) __typeof__(((T *)0)->m)
#define container_of(ptr, type, member)                                    \
	({                                                                 \
		void *__mptr = (void *)(ptr);                              \
		_Static_assert(__same_type(*(ptr), ((type *)0)->member) || \
				       __same_type(*(ptr), void),          \
			       "pointer type mismatch in container_of()"); \
		((type *)(__mptr - offsetof(type, member)));               \
	})
#define container_of_const(ptr, type, member) container_of(ptr, type, member)

#endif
