/* SPDX-License-Identifier: GPL-2.0-only */
/* NULL, true and false, offsetof and its kin. */
#ifndef KFAIL_LINUX_STDDEF_H
#define KFAIL_LINUX_STDDEF_H

#include "compiler.h"

#undef NULL
#define NULL ((void *)0)

#ifndef bool
typedef _Bool bool;
#endif
#ifndef true
#define true 1
#define false 0
#endif

#undef offsetof
#define offsetof(type, member)	   __builtin_offsetof(type, member)
#define sizeof_field(type, member) sizeof(((type *)0)->member)
#define offsetofend(type, member)  (offsetof(type, member) + sizeof_field(type, member))

#define struct_group(name, members...) \
	union {                        \
		struct {               \
			members        \
		};                     \
		struct {               \
			members        \
		} name;                \
	}
#define DECLARE_FLEX_ARRAY(type, name) \
	struct {                       \
		struct {               \
		} __empty_##name;      \
		type name[];           \
	}

#endif
