/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * BUG() ends the run: the finding is its line. WARN() is told to the judges, and the driver goes
 * on. The _ONCE forms are once per run, since the flag lies in the driver's data, which is
 * restored.
 */
#ifndef KFAIL_LINUX_BUG_H
#define KFAIL_LINUX_BUG_H

#include "build_bug.h"
#include "types.h"

__noreturn __cold void native_bug(const char *file, int line);
__cold void native_warn(const char *file, int line);
__cold __printf(3, 4) void native_warn_text(const char *file, int line, const char *fmt, ...);
__noreturn __cold __printf(1, 2) void panic(const char *fmt, ...);

#define BUG() native_bug(__FILE__, __LINE__)
#define BUG_ON(cond)                \
	do {                        \
		if (unlikely(cond)) \
			BUG();      \
	} while (0)

#define WARN_ON(cond)                                    \
	({                                               \
		int __warn_on = !!(cond);                \
		if (unlikely(__warn_on))                 \
			native_warn(__FILE__, __LINE__); \
		unlikely(__warn_on);                     \
	})
#define WARN(cond, format...)                                         \
	({                                                            \
		int __warn_on = !!(cond);                             \
		if (unlikely(__warn_on))                              \
			native_warn_text(__FILE__, __LINE__, format); \
		unlikely(__warn_on);                                  \
	})
#define native_once(cond, warn)                                 \
	({                                                      \
		static bool __already_done;                     \
		int __warn_once = !!(cond);                     \
		if (unlikely(__warn_once && !__already_done)) { \
			__already_done = true;                  \
			warn;                                   \
		}                                               \
		unlikely(__warn_once);                          \
	})
#define WARN_ON_ONCE(cond)		   native_once(cond, native_warn(__FILE__, __LINE__))
#define WARN_ONCE(cond, format...)	   native_once(cond, native_warn_text(__FILE__, __LINE__, format))
#define WARN_ON_SMP(cond)		   WARN_ON(cond)
#define WARN_TAINT(cond, taint, format...) WARN(cond, format)

#define VM_BUG_ON(cond)	 BUILD_BUG_ON_INVALID(cond)
#define VM_WARN_ON(cond) BUILD_BUG_ON_INVALID(cond)

#endif
