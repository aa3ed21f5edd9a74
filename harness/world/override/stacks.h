/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where kernel stacks are: shared between the override layer and the host. Each slot is a guard
 * (unmapped) below a stack of the kernel's THREAD_SIZE, so an overflow faults at the very byte
 * where it would on the machine.
 */
#ifndef KFAIL_OVERRIDE_STACKS_H
#define KFAIL_OVERRIDE_STACKS_H

#define KF_STACKS	   256
#define KF_STACK_BASE	   0xc0000000ul
#define KF_STACK_SIZE	   0x4000ul /* THREAD_SIZE of x86-64 */
#define KF_STACK_SLOT	   0x8000ul /* guard and stack */
#define KF_STACK_TOP(slot) (KF_STACK_BASE + ((slot) + 1) * KF_STACK_SLOT)
#define KF_STACK_LOW(slot) (KF_STACK_TOP(slot) - KF_STACK_SIZE)

#endif
