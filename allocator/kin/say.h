/* SPDX-License-Identifier: GPL-2.0-only */
/* The kernel's texts, for the files of this room and early memory. Not for anybody outside the allocators. */
#ifndef KFAIL_ALLOCATOR_SAY_H
#define KFAIL_ALLOCATOR_SAY_H

#include "../core/types.h"

/* Levels of the kernel's log, include/linux/kern_levels.h. */
enum { KF_LOG_ALERT = 1, KF_LOG_ERR = 3, KF_LOG_WARNING = 4, KF_LOG_INFO = 6, KF_LOG_DEBUG = 7 };

/* One line of the kernel's log, through the hook `log`; at most 255 bytes, the rest is dropped. */
__attribute__((format(printf, 2, 3))) void kf_say(int level, const char *format, ...);

#endif
