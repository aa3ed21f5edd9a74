/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Is kfail itself compiled with AddressSanitizer? gcc says it by a macro, clang by a feature; here both by gcc's macro, and by a
 * value. No effect on anything.
 */
#ifndef KFAIL_TRACE_SANITIZED_H
#define KFAIL_TRACE_SANITIZED_H

#if defined(__has_feature)
#if __has_feature(address_sanitizer) && !defined(__SANITIZE_ADDRESS__)
#define __SANITIZE_ADDRESS__ 1
#endif
#endif

#ifdef __SANITIZE_ADDRESS__
#define WITH_ASAN true
#else
#define WITH_ASAN false
#endif

#endif
