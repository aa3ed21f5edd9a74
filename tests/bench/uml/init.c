// SPDX-License-Identifier: GPL-2.0-only
/*
 * The first and only process of the User Mode Linux that `make bench` compares with: the loop of
 * Documentation/fault-injection over the eleven allocations. For n = 1, 2, ... it writes n to /proc/self/fail-nth, runs the
 * module's init (and exit), and reads back whether the n-th request was made; when not, the pass is over.
 *
 * The kernel's defaults refuse little: its knobs are set to what kfail refuses by default. Prints NAME=VALUE lines:
 *
 *	points		requests in a pass: the kernel's own inside kmem_cache_create() and vmalloc() are among them
 *	loop		runs per second
 *	scan		the same with a scan of kmemleak after each run, which is what a verdict on leaks takes there
 */
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/klog.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define DEBUGFS "/debug/"
#define SECONDS 3
#define CONSOLE_OFF \
	6 /* SYSLOG_ACTION_CONSOLE_OFF: the kernel tells each failure, and the console would cost the most */

static int fail_nth, run, scan;

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec * 1e-9;
}

static _Noreturn void stop(const char *sentence)
{
	if (sentence)
		printf("error=%s\n", sentence);
	fflush(stdout);
	sync();
	reboot(RB_POWER_OFF);
	_exit(1);
}

static bool set(const char *knob, const char *value)
{
	int fd = open(knob, O_WRONLY);
	bool done = fd >= 0 && write(fd, value, strlen(value)) > 0;

	if (fd >= 0)
		close(fd);
	return done;
}

static void mount_all(void)
{
	mount("proc", "/proc", "proc", 0, NULL);
	mount("debugfs", "/debug", "debugfs", 0, NULL);
}

/* fail-nth goes before the probability of both; what they never refuse, nth does not refuse either. */
static void refuse_all(void)
{
	if (!set(DEBUGFS "failslab/ignore-gfp-wait", "N") ||
	    !set(DEBUGFS "fail_page_alloc/ignore-gfp-wait", "N") ||
	    !set(DEBUGFS "fail_page_alloc/ignore-gfp-highmem", "N") ||
	    !set(DEBUGFS "fail_page_alloc/min-order", "0") ||
	    !set(DEBUGFS "failslab/verbose", "0") || !set(DEBUGFS "fail_page_alloc/verbose", "0"))
		stop("this kernel has no failslab or fail_page_alloc in debugfs");
}

static void load(const char *path)
{
	int fd = open(path, O_RDONLY);

	if (fd < 0 || syscall(SYS_finit_module, fd, "", 0))
		stop("the module was not loaded: is it built for this kernel?");
	close(fd);
}

/* True: the n-th request was made, and refused. */
static bool refused(unsigned n)
{
	char text[16], left[16] = "";
	int size = snprintf(text, sizeof(text), "%u", n);

	if (pwrite(fail_nth, text, (size_t)size, 0) < 0 || write(run, "1", 1) < 0)
		stop("fail-nth or the module refuses to be written");
	if (pread(fail_nth, left, sizeof(left) - 1, 0) < 0)
		stop("fail-nth cannot be read");
	return atoi(left) == 0;
}

static unsigned pass(bool scanned)
{
	unsigned n = 0;

	while (refused(++n))
		if (scanned && write(scan, "scan", 4) < 0)
			stop("kmemleak does not scan");
	pwrite(fail_nth, "0", 1, 0);
	return n - 1;
}

static double runs_per_second(bool scanned)
{
	double start = now(), end;
	unsigned long runs = 0;

	do
		runs += pass(scanned) + 1;
	while ((end = now()) - start < SECONDS);
	return runs / (end - start);
}

int main(void)
{
	klogctl(CONSOLE_OFF, NULL, 0);
	mount_all();
	refuse_all();
	load("/eleven_uml.ko");
	fail_nth = open("/proc/self/fail-nth", O_RDWR);
	run = open(DEBUGFS "eleven", O_WRONLY);
	if (fail_nth < 0 || run < 0)
		stop("there is no /proc/self/fail-nth");
	printf("points=%u\n", pass(false));
	printf("loop=%.0f\n", runs_per_second(false));
	scan = open(DEBUGFS "kmemleak", O_WRONLY);
	if (scan >= 0 && write(scan, "scan", 4) == 4)
		printf("scan=%.1f\n", runs_per_second(true));
	stop(NULL);
}
