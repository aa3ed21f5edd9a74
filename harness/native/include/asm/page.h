/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef KFAIL_ASM_PAGE_H
#define KFAIL_ASM_PAGE_H

#define PAGE_SHIFT 12
#define PAGE_SIZE  (1UL << PAGE_SHIFT)
#define PAGE_MASK  (~(PAGE_SIZE - 1))
#define MAX_ORDER  11

typedef struct {
	unsigned long pgprot;
} pgprot_t;
#define __pgprot(x)	 ((pgprot_t){(x)})
#define PAGE_KERNEL	 __pgprot(0x8000000000000163UL)
#define PAGE_KERNEL_RO	 __pgprot(0x8000000000000161UL)
#define PAGE_KERNEL_EXEC __pgprot(0x163UL)

#endif
