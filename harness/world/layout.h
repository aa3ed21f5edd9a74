/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where a kernel-mode world lies in the process. Physical address P is at DIRECT_MAP + P, and the
 * image is at physical 16 MiB, where a machine has it. References from code to code and data are
 * 32-bit and sign-extended, so the image, the override layer and modules lie in the low 2 GiB;
 * pointers below 1 GiB are nothing, so that NULL plus any offset of a large structure faults.
 * 0x58000000..0x5fffffff is left to valgrind's tools.
 *
 *   0x040000000  physical 0        zone DMA, 16 MiB
 *   0x041000000  physical 16 MiB   kernel image            \
 *   0x045000000                    override layer           | reserved, zone DMA32
 *   0x046000000                    per-CPU unit, 32 MiB     /
 *   0x048000000  physical 128 MiB  zone DMA32, 240 MiB
 *   0x060000000                    module range (second mappings of frames), 256 MiB
 *   0x070000000  physical 768 MiB  zone Normal, 1 GiB
 *   0x0b8000000                    struct page of every frame
 *   0x0c0000000                    kernel stacks (override/stacks.h)
 *   0x180000000000                 bookkeeping of the allocators
 *   0x200000000000                 vmalloc range (second mappings of frames)
 *
 * All physical addresses are below 4 GiB, so 32-bit DMA masks hold, also for zone Normal: a
 * difference from a machine with more memory.
 */
#ifndef KFAIL_WORLD_LAYOUT_H
#define KFAIL_WORLD_LAYOUT_H

#include "../../allocator/core/memory.h"
#include "override/stacks.h"

#define DIRECT_MAP   0x40000000ul
#define IMAGE_BASE   0x41000000ul
#define IMAGE_END    0x45000000ul
#define OVERLAY_BASE 0x45000000ul
#define OVERLAY_END  0x46000000ul
#define FENTRY_BASE \
	(OVERLAY_END - 0x1000ul) /* trampolines of function entry sites, and their unwind tables */
#define PERCPU_BASE  0x46000000ul
#define PERCPU_UNIT  0x02000000ul
#define RESERVED_END 0x48000000ul
#define LINK_BASE    0xffffffff81000000ul /* where the image was linked to start */
#define IMAGE_DELTA  (IMAGE_BASE - LINK_BASE)
#define VMALLOC_BASE 0x200000000000ul
#define VMALLOC_SIZE (2ul << 30) /* more than there is memory */
#define MODULE_BASE  0x60000000ul
#define MODULE_END   0x70000000ul
#define META_BASE    0x180000000000ul
#define META_SIZE    (1ul << 30)
#define VMEMMAP_BASE 0xb8000000ul
#define PHYS_END     0x70000000ul

static inline bool in_image(uint64_t addr)
{
	return addr >= IMAGE_BASE && addr < IMAGE_END;
}

static inline bool in_overlay(uint64_t addr)
{
	return addr >= OVERLAY_BASE && addr < OVERLAY_END;
}

static inline bool in_module_range(uint64_t addr)
{
	return addr >= MODULE_BASE && addr < MODULE_END;
}

static inline bool on_kernel_stacks(uint64_t addr)
{
	return addr >= KF_STACK_BASE && addr < KF_STACK_TOP(KF_STACKS - 1);
}

/* In the guard below a kernel stack. */
static inline bool in_stack_guard(uint64_t addr)
{
	return on_kernel_stacks(addr) &&
	       (addr - KF_STACK_BASE) % KF_STACK_SLOT < KF_STACK_SLOT - KF_STACK_SIZE;
}

/* The end of the kernel stack that sp is on; for any other stack sp itself, which ends a walk. */
static inline uint64_t stack_limit(uint64_t sp)
{
	return on_kernel_stacks(sp) ? KF_STACK_TOP((sp - KF_STACK_BASE) / KF_STACK_SLOT) : sp;
}

/* The layout of this kernel's world; `percpu_static` is taken from the image. */
struct kf_layout world_layout(uint64_t percpu_static);

#endif
