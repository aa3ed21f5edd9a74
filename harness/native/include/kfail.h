/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * For drivers and scenario programs that know they run under kfail (the kernel has no such header: put it
 * between #if __has_include(<kfail.h>) and #endif). All of it ends with the run.
 */
#ifndef KFAIL_H
#define KFAIL_H

/*
 * As /proc/self/fail-nth: the n-th point from here, of any kind, is refused in this task; 0: none. Points are what a
 * sweep would number.
 */
void kfail_fail_nth(unsigned int n);
/* Read back: 0 when it has been refused (or n was never set), else what is left to count. The usual loop:
 *	for (n = 1; ; n++) { kfail_fail_nth(n); operation(); if (kfail_fail_nth_read()) break; }
 * and kfail_fail_nth(0) behind it. */
unsigned int kfail_fail_nth_read(void);
/* As /proc/self/make-it-fail: with the attribute task-filter, chance refuses only tasks that have it on. On in the task that
 * runs the scenario, off in all others. */
void kfail_make_it_fail(_Bool on);

/* Only requests between begin and end are points, as soon as a baseline has come here once; may be nested. */
void kfail_fail_begin(void);
void kfail_fail_end(void);

/* A refusal in between is expected to be absorbed: success afterwards is no wrong return. May be nested. */
void kfail_benign_begin(void);
void kfail_benign_end(void);

#endif
