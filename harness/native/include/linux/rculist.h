/* SPDX-License-Identifier: GPL-2.0-only */
#include "list.h"
#include "rcupdate.h"
