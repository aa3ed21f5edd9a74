/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * GFP flags as the kernel prints them with %pGg.
 */
#ifndef KFAIL_ALLOCATOR_GFP_H
#define KFAIL_ALLOCATOR_GFP_H

#include <stddef.h>
#include <stdint.h>

/* The longest text, of any flags, with its NUL. */
#define GFP_TEXT_MAX 512

/* Write "GFP_KERNEL|__GFP_ZERO" into buf (always NUL-terminated when n > 0, cut when too long).
 * Returns buf. */
char *gfp_to_text(uint32_t gfp, char *buf, size_t n);

/* Name i of the table that gfp_to_text() goes through, first to last, and in *mask the bits that it stands for; NULL
 * behind the last. For those who must tell another program how flags read. */
const char *gfp_name(unsigned i, uint32_t *mask);

#endif
