/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Crossing between the host program and kernel code. Three stacks take part: the host's own, the kernel
 * task's (in world memory), and the hook stack, on which host functions run when kernel code calls them, so that
 * they neither need room on a 16 KiB kernel stack nor leave marks in world memory.
 *
 *	kernel_enter / kernel_resume   host -> kernel, onto a kernel stack
 *	(return), kernel_leave         kernel -> host main line
 *	thunk_NAME                     kernel -> host function NAME, on the hook stack, and back
 */
	.text

	.macro	save_host
	push	%rbp
	mov	%rsp, %rbp
	push	%rbx
	push	%r12
	push	%r13
	push	%r14
	push	%r15
	push	kernel_host_sp(%rip)
	mov	%rsp, kernel_host_sp(%rip)
	.endm

/* uint64_t kernel_enter(fn, a, b, c, stack): call fn(a, b, c) on that stack. */
	.globl	kernel_enter
	.type	kernel_enter, @function
kernel_enter:
	save_host
	mov	%rdi, %rax
	mov	%rsi, %rdi
	mov	%rdx, %rsi
	mov	%rcx, %rdx
	mov	%r8, %rsp
	xor	%ebp, %ebp
	call	*%rax
	jmp	kernel_leave
	.size	kernel_enter, . - kernel_enter

/* void kernel_leave(value): back to where the host entered; there kernel_enter returns `rax`. Reached by jump from kernel code's return, from a
 * host function that gives up the kernel's context, or from a signal handler that rewrote rip. */
	.globl	kernel_leave
	.type	kernel_leave, @function
kernel_leave:
	mov	kernel_host_sp(%rip), %rsp
	pop	kernel_host_sp(%rip)
	pop	%r15
	pop	%r14
	pop	%r13
	pop	%r12
	pop	%rbx
	pop	%rbp
	ret
	.size	kernel_leave, . - kernel_leave

/* uint64_t kernel_resume(value, frame): go on as if host_agent(), whose thunk made `frame`, returned `value`. */
	.globl	kernel_resume
	.type	kernel_resume, @function
kernel_resume:
	save_host
	mov	%rdi, %rax
	mov	%rsi, %rbp
	mov	-8(%rbp), %rcx
	mov	%rcx, kernel_hook_frame(%rip)
	mov	-16(%rbp), %rbx
	mov	-24(%rbp), %r12
	mov	-32(%rbp), %r13
	mov	-40(%rbp), %r14
	mov	-48(%rbp), %r15
	leave
	ret
	.size	kernel_resume, . - kernel_resume

/*
 * From kernel code to the host function in r11. The frame that is made here is where stack walks begin:
 *	kernel_hook_frame -> saved rbp; +8 return address; +16 the caller's stack; -8 the frame of an outer hook
 */
hook_enter:
	push	%rbp
	mov	%rsp, %rbp
	push	kernel_hook_frame(%rip)
	mov	%rbp, kernel_hook_frame(%rip)
	cmp	kernel_hook_stack_low(%rip), %rsp
	jb	1f
	cmp	kernel_hook_stack_top(%rip), %rsp
	jbe	2f
1:	mov	kernel_hook_stack_top(%rip), %rsp
2:	and	$-16, %rsp
	cmpb	$0, memcheck_on(%rip)
	jne	hook_unreported
	call	*%r11
hook_leave:
	mov	-8(%rbp), %rcx
	mov	%rcx, kernel_hook_frame(%rip)
	leave
	ret

/*
 * Under valgrind, a site of __fentry__ calls this instead (follow.c): on the kernel's stack are the address behind the
 * site, and the function's own return address. All registers stay as they are.
 */
	.globl	thunk_world_entered
thunk_world_entered:
	push	%rbp
	mov	%rsp, %rbp
	push	%rax
	push	%rcx
	push	%rdx
	push	%rsi
	push	%rdi
	push	%r8
	push	%r9
	push	%r10
	push	%r11
	push	%rbx
	and	$-16, %rsp
	call	follow_changed@PLT
	test	%al, %al
	jz	1f
	call	thunk_judge_accesses
1:	lea	8(%rbp), %rdi
	call	follow_note@PLT
	lea	-80(%rbp), %rsp
	pop	%rbx
	pop	%r11
	pop	%r10
	pop	%r9
	pop	%r8
	pop	%rdi
	pop	%rsi
	pop	%rdx
	pop	%rcx
	pop	%rax
	pop	%rbp
	ret

/* Under valgrind, errors of kernel code are reported, and none of ours. */
hook_unreported:
	push	%rdi
	push	%rsi
	push	%rdx
	push	%rcx
	push	%r8
	push	%r9
	push	%r11
	push	%r11
	xor	%edi, %edi
	call	memcheck_report@PLT
	pop	%r11
	pop	%r11
	pop	%r9
	pop	%r8
	pop	%rcx
	pop	%rdx
	pop	%rsi
	pop	%rdi
	call	*%r11
	push	%rax
	push	%rdx
	mov	$1, %edi
	call	memcheck_report@PLT
	pop	%rdx
	pop	%rax
	jmp	hook_leave

/* host_agent() gives up its context and comes back by kernel_resume: its caller's registers are kept on the kernel stack, where
 * a restore puts them back too. */
	.globl	thunk_host_agent
thunk_host_agent:
	push	%rbp
	mov	%rsp, %rbp
	push	kernel_hook_frame(%rip)
	push	%rbx
	push	%r12
	push	%r13
	push	%r14
	push	%r15
	mov	%rbp, kernel_hook_frame(%rip)
	mov	kernel_hook_stack_top(%rip), %rsp
	and	$-16, %rsp
	mov	host_agent@GOTPCREL(%rip), %r11
	call	*%r11
	ud2

#define IMPORT(name)                                                                               \
	.globl thunk_##name;                                                                       \
thunk_##name:                                                                                      \
	mov name@GOTPCREL(%rip), %r11;                                                             \
	jmp hook_enter;
#define IMPORT_AGENT(name)
#include "imports.def"
#undef IMPORT

	.section .note.GNU-stack, "", @progbits
