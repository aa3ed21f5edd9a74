/* SPDX-License-Identifier: GPL-2.0-only */
/* Device memory is plain zeroed memory. */
#ifndef KFAIL_LINUX_IO_H
#define KFAIL_LINUX_IO_H

#include "mm.h"

void __iomem *ioremap(phys_addr_t phys, size_t size);
#define ioremap_wc(phys, size)	  ioremap(phys, size)
#define ioremap_uc(phys, size)	  ioremap(phys, size)
#define ioremap_cache(phys, size) ioremap(phys, size)
void iounmap(volatile void __iomem *addr);

#define NATIVE_IO(sfx, type)                                                   \
	static inline type read##sfx(const volatile void __iomem *addr)        \
	{                                                                      \
		return *(const volatile type *)addr;                           \
	}                                                                      \
	static inline void write##sfx(type value, volatile void __iomem *addr) \
	{                                                                      \
		*(volatile type *)addr = value;                                \
	}
NATIVE_IO(b, u8)
NATIVE_IO(w, u16)
NATIVE_IO(l, u32)
NATIVE_IO(q, u64)

#define readl_relaxed(addr)	    readl(addr)
#define writel_relaxed(value, addr) writel(value, addr)
#define ioread8(addr)		    readb(addr)
#define ioread16(addr)		    readw(addr)
#define ioread32(addr)		    readl(addr)
#define iowrite8(value, addr)	    writeb(value, addr)
#define iowrite16(value, addr)	    writew(value, addr)
#define iowrite32(value, addr)	    writel(value, addr)

static inline void memcpy_fromio(void *to, const volatile void __iomem *from, size_t n)
{
	__builtin_memcpy(to, (const void *)from, n);
}

static inline void memcpy_toio(volatile void __iomem *to, const void *from, size_t n)
{
	__builtin_memcpy((void *)to, from, n);
}

static inline void memset_io(volatile void __iomem *to, int c, size_t n)
{
	__builtin_memset((void *)to, c, n);
}

#endif
