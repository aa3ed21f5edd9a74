// SPDX-License-Identifier: GPL-2.0-only
/*
 * GFP flags by meaning. Random bits are mostly nonsense that no kernel code passes; so a value says first what the caller may do
 * (one of the kernel's usual sets), and then what it wants beside.
 *
 *	bits 0-2	base: kernel, atomic, ...
 *	bits 3-15	modifiers: zero, dma, ...
 */
#include "grammar.h"

#include "../../allocator/core/types.h"

const char *const fuzz_gfp_bases[] = {"kernel", "atomic",   "nowait", "noio", "nofs",
				      "user",	"memalloc", "none",   NULL};
const char *const fuzz_gfp_modifiers[] = {
	"zero", "dma",	   "dma32",   "highmem", "movable",    "reclaimable", "account",
	"comp", "noretry", "mayfail", "nofail",	 "nomemalloc", "nowarn",      NULL};

static const u32 bases[] = {
	KF_GFP_KERNEL,
	KF_GFP_ATOMIC,
	KF_GFP_NOWAIT,
	KF_GFP_RECLAIM,
	KF_GFP_RECLAIM | KF_GFP_IO,
	KF_GFP_KERNEL | KF_GFP_HARDWALL,
	KF_GFP_ATOMIC | KF_GFP_MEMALLOC,
	0,
};
_Static_assert(sizeof(bases) / sizeof(bases[0]) == FUZZ_GFP_BASES, "three bits");

static const u32 modifiers[] = {
	KF_GFP_ZERO,	    KF_GFP_DMA,	       KF_GFP_DMA32,  KF_GFP_HIGHMEM, KF_GFP_MOVABLE,
	KF_GFP_RECLAIMABLE, KF_GFP_ACCOUNT,    KF_GFP_COMP,   KF_GFP_NORETRY, KF_GFP_RETRY_MAYFAIL,
	KF_GFP_NOFAIL,	    KF_GFP_NOMEMALLOC, KF_GFP_NOWARN,
};
#define MODIFIERS (sizeof(modifiers) / sizeof(modifiers[0]))

u32 fuzz_gfp(u32 value)
{
	u32 gfp = bases[value % FUZZ_GFP_BASES];

	value /= FUZZ_GFP_BASES;
	for (unsigned i = 0; i < MODIFIERS; i++)
		if (value >> i & 1)
			gfp |= modifiers[i];
	return gfp;
}
