/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Code that the host's loader placed: kfail itself, and drivers of native mode. It lies somewhere else in each process, so what
 * another process, or another machine, is to compare must not hold its addresses.
 */
#ifndef KFAIL_TRACE_HOST_CODE_H
#define KFAIL_TRACE_HOST_CODE_H

#include <stdint.h>

/* The address as it is in its file, when the host's loader placed it; the same address when it is of a world, whose
 * addresses are fixed. To be called when all is loaded; safe after fork(), not for several threads. */
uint64_t host_code_settled(uint64_t pc);

#endif
