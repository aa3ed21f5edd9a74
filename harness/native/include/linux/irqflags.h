/* SPDX-License-Identifier: GPL-2.0-only */
/* Interrupts on the one simulated CPU. Flags hold X86_EFLAGS_IF, as the drivers never look. */
#ifndef KFAIL_LINUX_IRQFLAGS_H
#define KFAIL_LINUX_IRQFLAGS_H

#include "types.h"

bool irqs_disabled(void);
void native_irq_disable(void);
void native_irq_enable(void);
unsigned long native_irq_save(void);
void native_irq_restore(unsigned long flags);

#define local_irq_disable() native_irq_disable()
#define local_irq_enable()  native_irq_enable()
#define local_irq_save(flags)                \
	do {                                 \
		(flags) = native_irq_save(); \
	} while (0)
#define local_irq_restore(flags) native_irq_restore(flags)
#define local_save_flags(flags)                        \
	do {                                           \
		(flags) = irqs_disabled() ? 0 : 0x200; \
	} while (0)
#define irqs_disabled_flags(flags) (!((flags)&0x200))

#endif
