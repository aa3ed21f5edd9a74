/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef KFAIL_TESTS_INJECT_CAPTURE_H
#define KFAIL_TESTS_INJECT_CAPTURE_H

/* What `body` writes to standard error, up to 4 KiB; malloc()ed. */
char *stderr_of(void (*body)(void));

#endif
