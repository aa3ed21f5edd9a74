/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the kernel's tracepoints call call_site: the return address of the function that asked for memory.
 */
#ifndef KFAIL_TRACE_CALL_SITE_H
#define KFAIL_TRACE_CALL_SITE_H

#include <stdint.h>

/* The call site in the innermost frames of a stack; pcs[0..max) end with a 0 when there are fewer. */
uint64_t call_site(const uint64_t *pcs, unsigned max);

#endif
