/* SPDX-License-Identifier: GPL-2.0-only */
/* Hints for kmemleak. Leaks are found by exact accounting here. */
#ifndef KFAIL_LINUX_KMEMLEAK_H
#define KFAIL_LINUX_KMEMLEAK_H

#define kmemleak_not_leak(ptr) ((void)(ptr))
#define kmemleak_ignore(ptr)   ((void)(ptr))

#endif
