/* SPDX-License-Identifier: GPL-2.0-only */
/* Checks at compile time. */
#ifndef KFAIL_LINUX_BUILD_BUG_H
#define KFAIL_LINUX_BUILD_BUG_H

#include "compiler.h"

#define BUILD_BUG_ON_ZERO(e)	       ((int)(sizeof(struct { int : (-!!(e)); })))
#define BUILD_BUG_ON_INVALID(e)	       ((void)sizeof((long)(e)))
#define BUILD_BUG_ON_MSG(cond, msg)    ((void)sizeof(char[1 - 2 * !!(cond)]))
#define BUILD_BUG_ON(cond)	       BUILD_BUG_ON_MSG(cond, "")
#define BUILD_BUG_ON_NOT_POWER_OF_2(n) BUILD_BUG_ON((n) == 0 || (((n) & ((n)-1)) != 0))
#define BUILD_BUG()		       BUILD_BUG_ON(1)
#undef static_assert
#define __static_assert(expr, msg, ...) _Static_assert(expr, msg)
#define static_assert(expr, ...) __static_assert(expr, ##__VA_ARGS__, #expr)

#endif
