/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Assembly of the override layer: switching kernel stacks, and entries that must keep all registers.
 */
#include <linux/linkage.h>
#include <asm/unwind_hints.h>

	.text

/* void kf_switch(u64 *save_sp, const u64 *new_sp): callee-saved registers on the stack, then the other stack. */
SYM_FUNC_START(kf_switch)
	push	%rbp
	push	%rbx
	push	%r12
	push	%r13
	push	%r14
	push	%r15
	mov	%rsp, (%rdi)
	mov	(%rsi), %rsp
	pop	%r15
	pop	%r14
	pop	%r13
	pop	%r12
	pop	%rbx
	pop	%rbp
	RET
SYM_FUNC_END(kf_switch)

/* First code of a new task: rbx is its function, r12 the argument (sched.c first_frame()). */
SYM_FUNC_START(kf_thread_start)
	mov	%rbx, %rdi
	mov	%r12, %rsi
	call	kf_thread_main
	ud2
SYM_FUNC_END(kf_thread_start)

/* Target of static calls that have nothing to do. */
SYM_FUNC_START(kf_return_zero)
	xor	%eax, %eax
	RET
SYM_FUNC_END(kf_return_zero)

/* Targets of the static calls of might_resched() and cond_resched(). */
	.macro	static_call_target name, check
SYM_FUNC_START(\name)
	push	%rbp
	mov	%rsp, %rbp
	push	%rdi
	push	%rsi
	push	%rdx
	push	%rcx
	push	%r8
	push	%r9
	push	%r10
	push	%r11
	call	\check
	pop	%r11
	pop	%r10
	pop	%r9
	pop	%r8
	pop	%rcx
	pop	%rdx
	pop	%rsi
	pop	%rdi
	pop	%rbp
	xor	%eax, %eax
	RET
SYM_FUNC_END(\name)
	.endm

static_call_target kf_might_resched kf_might_resched_check
static_call_target kf_cond_resched kf_cond_resched_check

/*
 * Where the module under test is led when it imports get_user()'s and put_user()'s functions (module.c): the kernel has
 * might_fault() before the call. They keep all registers but their own, so all are kept here, rax too.
 */
	.macro	may_fault name, check
SYM_FUNC_START(kf_may_fault_\name)
	push	%rbp
	mov	%rsp, %rbp
	push	%rax
	push	%rdi
	push	%rsi
	push	%rdx
	push	%rcx
	push	%r8
	push	%r9
	push	%r10
	push	%r11
	sub	$8, %rsp
	call	\check
	add	$8, %rsp
	pop	%r11
	pop	%r10
	pop	%r9
	pop	%r8
	pop	%rcx
	pop	%rdx
	pop	%rsi
	pop	%rdi
	pop	%rax
	pop	%rbp
	jmp	__\name
SYM_FUNC_END(kf_may_fault_\name)
	.endm

may_fault get_user_1 kf_get_user_check
may_fault get_user_2 kf_get_user_check
may_fault get_user_4 kf_get_user_check
may_fault get_user_8 kf_get_user_check
may_fault put_user_1 kf_put_user_check
may_fault put_user_2 kf_put_user_check
may_fault put_user_4 kf_put_user_check
may_fault put_user_8 kf_put_user_check

	.section .note.GNU-stack,"",@progbits
