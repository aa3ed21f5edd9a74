// SPDX-License-Identifier: GPL-2.0-only
/* The same small world as for the judges. */
#include "../judge/fake_code.c"
