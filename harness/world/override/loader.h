/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Facts about loaded modules and boot, as they cross from the override layer to the host. Plain
 * 64-bit fields, so that both compilers agree.
 */
#ifndef KFAIL_OVERRIDE_LOADER_H
#define KFAIL_OVERRIDE_LOADER_H

struct kf_module_info {
	void *module;	  /* struct module */
	const char *name; /* kernel memory */
	unsigned long refcount;
	unsigned long core, core_size, core_text_size, core_ro_size;
	unsigned long init, init_size;
	unsigned long orc_ip, orc, orc_count;
	unsigned long struct_size; /* of struct module */
	unsigned long percpu, percpu_size;
	unsigned long init_fn, exit_fn;		     /* 0: there is none */
	unsigned long entry_sites, entry_site_count; /* addresses of calls of __fentry__ */
};

/* Argument of kf_load(). */
struct kf_load_request {
	unsigned long image, size; /* a kf_vmalloc() area, which the loader frees */
	unsigned long args;	   /* "name=value name=value" */
	unsigned long judged;	   /* this is the module under test */
};

/* What the sweep engine tells the agent (module.c) to do next. */
enum kf_agent_op {
	KF_OP_INIT,	   /* the module's init function; result: what it returned */
	KF_OP_EXIT,	   /* its exit function, with the loader's states around it */
	KF_OP_SETTLE,	   /* everything that is due now; result: RCU callbacks that remain */
	KF_OP_SETTLE_TIME, /* the same, and six virtual seconds */
	KF_OP_FINISH,	   /* init, and then the rest of load_module() */
	KF_OP_LIVE,	   /* what load_module() does when init has succeeded: the module is LIVE */
	KF_OP_IDLE,	   /* let all other tasks run until they block; no time passes */
	KF_OP_PROGRAM,	   /* make ready for a program; result: 0 or -errno */
	KF_OP_SYSCALL,	   /* the system call in kf_syscall_request; result: what a program gets */
};

/* A system call of a scenario's program. */
struct kf_syscall {
	unsigned long number, args[6];
};

/* The task now, for traces: what kf_trace_task() fills in. */
struct kf_task_info {
	unsigned long ns; /* since boot */
	char comm[16];
	int pid;
	unsigned int preempt_count, migrate_disabled;
	unsigned int irqs_off;
};

struct kf_range {
	unsigned long start, size;
};

/* An interrupt that can be made (interrupts.c). */
enum kf_interrupt_kind {
	KF_INTERRUPT_LINE,
	KF_INTERRUPT_TIMER,
	KF_INTERRUPT_HRTIMER,
	KF_INTERRUPT_TASKLET,
};
struct kf_interrupt {
	unsigned long kind, irq; /* irq: of a line */
	unsigned long handler;	 /* of the module under test */
	unsigned long object;	 /* struct irqaction, timer_list, ... */
	const char *name;	 /* of a line's handler, in kernel memory; NULL: none */
};

/* Why the world cannot go on. */
enum kf_end { KF_END_BUG, KF_END_DEADLOCK, KF_END_NOT_JUDGED };

/* Where the host has put things: argument of kf_world_init(). */
struct kf_world_config {
	unsigned long direct_map, struct_pages, percpu_base, vmalloc_at;
	unsigned long pages;			  /* page frames, holes included */
	unsigned long zone_start[3], zone_end[3]; /* frame numbers */
	unsigned long managed[3];
};

#endif
