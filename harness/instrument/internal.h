/* SPDX-License-Identifier: GPL-2.0-only */
/* What the files of harness/instrument/ share. */
#ifndef KFAIL_INSTRUMENT_INTERNAL_H
#define KFAIL_INSTRUMENT_INTERNAL_H

#include "access.h"

/* Of this process; windows NULL: no instrumented code. */
extern struct instrumented instrumented;

#endif
