// SPDX-License-Identifier: GPL-2.0-only
/* Lines of the kernel's log. */
#include "say.h"

#include <stdarg.h>
#include <stdio.h>

#include "../core/hooks.h"

void kf_say(int level, const char *format, ...)
{
	char line[256];
	va_list args;

	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	kf_hooks.log(level, line);
}
