/* SPDX-License-Identifier: GPL-2.0-only */
/* Asking for other modules: there are none. */
#ifndef KFAIL_LINUX_KMOD_H
#define KFAIL_LINUX_KMOD_H

#include "compiler.h"
#include "errno.h"
#include "types.h"

__printf(2, 3) int __request_module(bool wait, const char *name, ...);
#define request_module(mod...)		   __request_module(true, mod)
#define request_module_nowait(mod...)	   __request_module(false, mod)
#define try_then_request_module(x, mod...) ((x) ?: (__request_module(true, mod), (x)))

#endif
