/* SPDX-License-Identifier: GPL-2.0-only */
/* The version whose interfaces these headers follow. */
#ifndef KFAIL_LINUX_VERSION_H
#define KFAIL_LINUX_VERSION_H

#define KERNEL_VERSION(a, b, c)	 (((a) << 16) + ((b) << 8) + ((c) > 255 ? 255 : (c)))
#define LINUX_VERSION_MAJOR	 6
#define LINUX_VERSION_PATCHLEVEL 1
#define LINUX_VERSION_SUBLEVEL	 192
#define LINUX_VERSION_CODE	 KERNEL_VERSION(6, 1, 192)

#endif
