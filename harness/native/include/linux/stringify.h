/* SPDX-License-Identifier: GPL-2.0-only */
/* __stringify() */
#include "compiler.h"
