/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef KFAIL_LINUX_POLL_H
#define KFAIL_LINUX_POLL_H

#include "fs.h"
#include "wait.h"

typedef struct poll_table_struct {
	unsigned long unused;
} poll_table;

#define EPOLLIN	    0x00000001u
#define EPOLLPRI    0x00000002u
#define EPOLLOUT    0x00000004u
#define EPOLLERR    0x00000008u
#define EPOLLHUP    0x00000010u
#define EPOLLRDNORM 0x00000040u
#define EPOLLWRNORM 0x00000100u

static inline void poll_wait(struct file *filp, wait_queue_head_t *wq, poll_table *p)
{
	(void)filp, (void)wq, (void)p;
}

#endif
