/* SPDX-License-Identifier: GPL-2.0-only */
/* Scopes in which allocations must not start I/O or enter a file system: flags of the task. */
#ifndef KFAIL_LINUX_SCHED_MM_H
#define KFAIL_LINUX_SCHED_MM_H

#include "../gfp.h"
#include "../sched.h"

static inline unsigned int native_memalloc_save(unsigned int flag)
{
	unsigned int old = current->flags & flag;

	current->flags |= flag;
	return old;
}

static inline void native_memalloc_restore(unsigned int flag, unsigned int old)
{
	current->flags = (current->flags & ~flag) | old;
}

#define memalloc_noio_save()		native_memalloc_save(PF_MEMALLOC_NOIO)
#define memalloc_noio_restore(old)	native_memalloc_restore(PF_MEMALLOC_NOIO, old)
#define memalloc_nofs_save()		native_memalloc_save(PF_MEMALLOC_NOFS)
#define memalloc_nofs_restore(old)	native_memalloc_restore(PF_MEMALLOC_NOFS, old)
#define memalloc_noreclaim_save()	native_memalloc_save(PF_MEMALLOC)
#define memalloc_noreclaim_restore(old) native_memalloc_restore(PF_MEMALLOC, old)
#define memalloc_pin_save()		native_memalloc_save(PF_MEMALLOC_PIN)
#define memalloc_pin_restore(old)	native_memalloc_restore(PF_MEMALLOC_PIN, old)

#endif
