/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Valgrind's client requests, and what stands for them where its headers are missing: then nobody runs under it.
 */
#ifndef KFAIL_MEMCHECK_CLIENT_H
#define KFAIL_MEMCHECK_CLIENT_H

#if __has_include(<valgrind/memcheck.h>)
#include <valgrind/memcheck.h>
#else
#define RUNNING_ON_VALGRIND		   0
#define VALGRIND_STACK_REGISTER(low, high) 0
#define VALGRIND_DISCARD_TRANSLATIONS(addr, len)
#define VALGRIND_COUNT_ERRORS		       0
#define VALGRIND_MAKE_MEM_NOACCESS(addr, len)  0
#define VALGRIND_MAKE_MEM_UNDEFINED(addr, len) 0
#define VALGRIND_MAKE_MEM_DEFINED(addr, len)   0
#define VALGRIND_GET_VBITS(addr, bits, len)    0
#define VALGRIND_SET_VBITS(addr, bits, len)    0
#define VALGRIND_DISABLE_ERROR_REPORTING
#define VALGRIND_ENABLE_ERROR_REPORTING
#endif

#endif
