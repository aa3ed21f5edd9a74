// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the compiler makes instrumented code call: mm/kasan/generic.c and shadow.c.
 */
#include "host.h"

void __asan_handle_no_return(void);

/* Before a function that does not return: stacks that are left so are not cleaned, as in the kernel. */
void __asan_handle_no_return(void)
{
}
