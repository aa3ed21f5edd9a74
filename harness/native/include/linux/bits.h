/* SPDX-License-Identifier: GPL-2.0-only */
/* BIT() and masks of bits. */
#ifndef KFAIL_LINUX_BITS_H
#define KFAIL_LINUX_BITS_H

#include "const.h"
#include "types.h"

#define BIT(nr)		  (UL(1) << (nr))
#define BIT_ULL(nr)	  (ULL(1) << (nr))
#define BIT_MASK(nr)	  (UL(1) << ((nr) % BITS_PER_LONG))
#define BIT_WORD(nr)	  ((nr) / BITS_PER_LONG)
#define GENMASK(h, l)	  (((~UL(0)) - (UL(1) << (l)) + 1) & (~UL(0) >> (BITS_PER_LONG - 1 - (h))))
#define GENMASK_ULL(h, l) (((~ULL(0)) - (ULL(1) << (l)) + 1) & (~ULL(0) >> (63 - (h))))

#endif
