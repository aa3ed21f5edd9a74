/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kmemleak: which live objects does nothing point to any more? Follows mm/kmemleak.c of 6.1 in its interface, colours,
 * commands and texts. The allocators know every object; what is kept here is only what was said about one
 * (kmemleak_not_leak() and its kin), what was registered by hand, and what a scan has found.
 *
 *	kml_attach(world)		once: where the roots are
 *	kml_begin()			a run starts: what was said in the last one is forgotten
 *	   ... kml_alloc(), kml_not_leak(), ...: said by modules
 *	   ... kml_scan(), kml_command(), kml_show()
 *
 * The tracker never fails its caller. What it cannot keep apart (two objects that overlap, no room for another record) ends
 * it, as the kernel's ends itself; from then on kml_unable() says why nothing can be judged.
 *
 * Host memory only. No function here calls an allocator of the world, or changes world memory.
 */
#ifndef KFAIL_KMEMLEAK_KMEMLEAK_H
#define KFAIL_KMEMLEAK_KMEMLEAK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* ---- where to look -------------------------------------------------------------------------------------- */

enum kml_root_kind {
	KML_DATA,   /* variables of the image, of a module, of native mode's runtime */
	KML_PERCPU, /* static per-CPU variables */
	KML_STACK,  /* of a task */
};

/* Memory that pointers are followed from: [start, end). */
struct kml_root {
	enum kml_root_kind kind;
	uint64_t start, end;
	uint64_t sp;	  /* KML_STACK: what lies below is not in use; 0: the task does not run */
	const char *name; /* "vmlinux", "foo.ko", a task's comm */
	int pid;	  /* KML_STACK */
	bool gone; /* of a module that has left: it explains, but keeps nothing alive any more */
};

/* What is asked of a world. Strings need only live during the call. */
struct kml_world {
	/* Call fn for each root. */
	void (*roots)(void (*fn)(const struct kml_root *root, void *arg), void *arg);
	/* The module that this code belongs to, or NULL. */
	const char *(*module_of)(uint64_t pc);
	/* The stack that is running, as a depot handle. */
	uint32_t (*stack)(void);
	unsigned hz; /* jiffies in a second */
	/* Frames that nobody allocated, [start, end), are among the roots already, as far as they hold any. */
	uint64_t covered_start, covered_end;
};

/* `world` is copied. NULL functions: there are none. */
void kml_attach(const struct kml_world *world);

/* ---- rules ---------------------------------------------------------------------------------------------- */

enum kml_rules {
	KML_OWN, /* at once and for certain: no age, no second scan, bytes that were asked for, pages too */
	KML_KERNEL, /* those of mm/kmemleak.c: an age of 5 s, and nothing that has changed since the last scan */
};
void kml_set_rules(enum kml_rules rules);

/* Keep who allocates what and when, for the records' comm, pid and jiffies: takes the hook `allocated`, and calls who had
 * it. Costs each allocation a look at the task. Call behind judge_attach(). */
void kml_record_tasks(void);

/* ---- the course of a run ---------------------------------------------------------------------------------- */

/* Behind judge_begin(): back to what was known when the process began, or kml_keep() was called. */
void kml_begin(void);
/* What is known now belongs to all later runs too. */
void kml_keep(void);
/* Another world in this process: nothing is known of it, as when a process begins. */
void kml_forget(void);

/* ---- what modules say: include/linux/kmemleak.h -------------------------------------------------------------- */

/* min_count: pointers that must be there, 0: never a leak (grey), -1: nor scanned (black). In the context of a hook. */
void kml_alloc(const void *ptr, size_t size, int min_count);
void kml_alloc_percpu(uint64_t cookie, size_t size);
void kml_vmalloc(const void *vm_struct, const void *addr, size_t size);
void kml_free(const void *ptr);
void kml_free_part(const void *ptr, size_t size);
void kml_free_percpu(uint64_t cookie);
void kml_update_trace(const void *ptr);
void kml_not_leak(const void *ptr);
void kml_ignore(const void *ptr);
void kml_scan_area(const void *ptr, size_t size);
void kml_no_scan(const void *ptr);
void kml_alloc_phys(uint64_t phys, size_t size);
void kml_free_part_phys(uint64_t phys, size_t size);
void kml_ignore_phys(uint64_t phys);

/* ---- scanning ---------------------------------------------------------------------------------------------- */

/* An object that nothing points to. */
struct kml_leak {
	uint64_t addr, size; /* size: as a record has it */
	uint64_t seq;	     /* of the allocators; 0: registered by hand */
	uint32_t stack;	     /* depot handle */
};

struct kml_scan {
	uint64_t objects;      /* that there are */
	uint64_t unreferenced; /* of all owners */
	uint64_t bytes;	       /* that were read */
	unsigned new_leaks;    /* that are reported from now on: a module asked for them */
};

/*
 * Look through everything; `found` (or NULL) is called for each new leak, in the order of their allocation.
 * False: it cannot be judged (kml_unable()), and nothing is reported. `out` may be NULL.
 */
bool kml_scan(struct kml_scan *out, void (*found)(const struct kml_leak *leak, void *arg),
	      void *arg);

/* Report what the kernel itself holds too, not only what modules asked for. */
void kml_report_all(bool all);

/* Why nothing can be judged; NULL: all is well, or kmemleak is off because somebody said so. */
const char *kml_unable(void);

/* ---- commands: /sys/kernel/debug/kmemleak -------------------------------------------------------------------- */

/* One command, as written to the file. 0; or -EINVAL: there is none of this form, or no such object to dump; -EPERM:
 * kmemleak is off. Leaks that a scan finds are told to kml_set_found()'s function. */
int kml_command(const char *text);
void kml_set_found(void (*found)(const struct kml_leak *leak, void *arg), void *arg);

/* Is this a command? A sentence why not in err (128 bytes) otherwise. */
bool kml_command_check(const char *text, char *err);

/* The automatic scan is due (scan=on, scan=SECS): make it. For who knows that time has passed, and the world is at rest. */
void kml_scan_if_due(void);

/* What a read of the file shows: the records of all leaks that were found and are still there, line by line. */
void kml_show(void (*line)(const char *text, void *arg), void *arg);
/* The number of records. */
unsigned kml_leaks(void);

/* The whole text of the file, malloc()ed; *size without its final NUL. */
char *kml_text(size_t *size);

#endif
