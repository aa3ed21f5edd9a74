/* SPDX-License-Identifier: GPL-2.0-only */
/* Numbers of ioctls: direction 2 bits, size 14, type 8, number 8. */
#ifndef KFAIL_LINUX_IOCTL_H
#define KFAIL_LINUX_IOCTL_H

#define _IOC_NONE		  0U
#define _IOC_WRITE		  1U
#define _IOC_READ		  2U
#define _IOC(dir, type, nr, size) (((dir) << 30) | ((size) << 16) | ((type) << 8) | (nr))
#define _IO(type, nr)		  _IOC(_IOC_NONE, (type), (nr), 0U)
#define _IOR(type, nr, size)	  _IOC(_IOC_READ, (type), (nr), (unsigned int)sizeof(size))
#define _IOW(type, nr, size)	  _IOC(_IOC_WRITE, (type), (nr), (unsigned int)sizeof(size))
#define _IOWR(type, nr, size)	  _IOC(_IOC_READ | _IOC_WRITE, (type), (nr), (unsigned int)sizeof(size))
#define _IOC_DIR(nr)		  (((nr) >> 30) & 3)
#define _IOC_TYPE(nr)		  (((nr) >> 8) & 0xff)
#define _IOC_NR(nr)		  ((nr)&0xff)
#define _IOC_SIZE(nr)		  (((nr) >> 16) & 0x3fff)

#endif
