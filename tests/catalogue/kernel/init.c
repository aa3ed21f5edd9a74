// SPDX-License-Identifier: GPL-2.0-only
/*
 * The first and only process of the User Mode Linux that tells what the kernel itself sees of one module of the catalogue.
 * The kernel's command line is its environment:
 *
 *	module=NAME	of /NAME.ko
 *	refuse=1	each request of loading it is refused in turn, with /proc/self/fail-nth
 *	device=1	the operations of /dev/catalogue are run, as use_device.c does
 *	leaks=on	kmemleak scans while the module is loaded, and when it is gone
 *
 * First the corrected twin, then the module as it is. The kernel's log goes to the console, with a line of ours, "catalogue:
 * WORD", where each part begins; whoever started this reads it.
 */
#include <dirent.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#define REFUSALS_MAX   400
#define SETTLE_SECONDS 6 /* kmemleak's minimum age is 5; time is virtual */

static const char *module;
static bool refuse, use_device, kmemleak;

static void put(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY);

	if (fd < 0)
		return;
	if (write(fd, text, strlen(text)) < 0) {
		/* What is asked for may not be there: the log will not say anything then. */
	}
	close(fd);
}

static void say(const char *word)
{
	char line[128];

	snprintf(line, sizeof(line), "<5>catalogue: %s\n", word);
	put("/dev/kmsg", line);
}

static _Noreturn void stop(void)
{
	sync();
	reboot(RB_POWER_OFF);
	_exit(1);
}

static void mount_all(void)
{
	mount("proc", "/proc", "proc", 0, NULL);
	mount("sysfs", "/sys", "sysfs", 0, NULL);
	mount("debugfs", "/sys/kernel/debug", "debugfs", 0, NULL);
	mount("ramfs", "/dev", "ramfs", 0, NULL);
	mknod("/dev/kmsg", S_IFCHR | 0600, makedev(1, 11));
}

/* fail-nth goes before the probability of both; what they never refuse, nth does not refuse either. */
static void refuse_all(void)
{
	static const char debugfs[] = "/sys/kernel/debug/";
	static const char *const knobs[][2] = {
		{"failslab/ignore-gfp-wait", "N"},
		{"fail_page_alloc/ignore-gfp-wait", "N"},
		{"fail_page_alloc/ignore-gfp-highmem", "N"},
		{"fail_page_alloc/min-order", "0"},
		{"failslab/verbose", "0"},
		{"fail_page_alloc/verbose", "0"},
	};
	char path[128];
	unsigned i;

	for (i = 0; i < sizeof(knobs) / sizeof(*knobs); i++) {
		snprintf(path, sizeof(path), "%s%s", debugfs, knobs[i][0]);
		put(path, knobs[i][1]);
	}
}

/* kmemleak's records are no part of the log. */
static void show_leaks(void)
{
	char text[4096], line[256];
	ssize_t n;
	FILE *file;

	if (!kmemleak)
		return;
	sleep(SETTLE_SECONDS);
	put("/sys/kernel/debug/kmemleak", "scan");
	sleep(SETTLE_SECONDS);
	put("/sys/kernel/debug/kmemleak", "scan");
	file = fopen("/sys/kernel/debug/kmemleak", "r");
	while (file && fgets(text, sizeof(text), file)) {
		text[strcspn(text, "\n")] = 0;
		n = snprintf(line, sizeof(line), "<5>%.200s\n", text);
		if (n > 0)
			put("/dev/kmsg", line);
	}
	if (file)
		fclose(file);
	put("/sys/kernel/debug/kmemleak", "clear");
}

/* SLUB looks at objects when they change hands; as slabinfo -v does, ask it to look at all. */
static void validate_slabs(void)
{
	DIR *caches = opendir("/sys/kernel/slab");
	struct dirent *entry;
	char path[512];

	while (caches && (entry = readdir(caches))) {
		snprintf(path, sizeof(path), "/sys/kernel/slab/%s/validate", entry->d_name);
		put(path, "1");
	}
	if (caches)
		closedir(caches);
}

static void make_device(void)
{
	FILE *file = fopen("/sys/class/misc/catalogue/dev", "r");
	unsigned major, minor;

	if (!file)
		return;
	if (fscanf(file, "%u:%u", &major, &minor) == 2)
		mknod("/dev/catalogue", S_IFCHR | 0600, makedev(major, minor));
	fclose(file);
}

/* What use_device.c does. */
static void operate(void)
{
	static char text[48] = "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx";
	int fd, second;

	make_device();
	fd = open("/dev/catalogue", O_RDWR);
	second = open("/dev/catalogue", O_RDWR);
	close(second);
	if (write(fd, text, sizeof(text)) < 0 || read(fd, text, sizeof(text)) < 0)
		say("an operation failed");
	close(fd);
	unlink("/dev/catalogue");
}

/* Load, use and unload it once. True: the n-th request of loading it was made, and refused. */
static bool run(bool fixed, unsigned n)
{
	char path[128], text[16], left[16] = "1";
	int file, nth = -1;
	long result;

	snprintf(path, sizeof(path), "/%s.ko", module);
	file = open(path, O_RDONLY);
	if (file < 0) {
		say("there is no such module");
		stop();
	}
	if (n) {
		nth = open("/proc/self/fail-nth", O_RDWR);
		snprintf(text, sizeof(text), "%u", n);
		if (pwrite(nth, text, strlen(text), 0) < 0)
			say("fail-nth cannot be written");
	}
	result = syscall(SYS_finit_module, file, fixed ? "fixed=1" : "fixed=0", 0);
	if (n) {
		if (pread(nth, left, sizeof(left) - 1, 0) < 0)
			say("fail-nth cannot be read");
		pwrite(nth, "0", 1, 0);
		close(nth);
	} else if (result) {
		say("init failed");
	}
	close(file);
	if (result)
		return atoi(left) == 0;
	if (use_device)
		operate();
	if (!n)
		show_leaks();
	if (syscall(SYS_delete_module, module, O_NONBLOCK))
		say("the module cannot be unloaded");
	return atoi(left) == 0;
}

static void run_all(bool fixed)
{
	unsigned n = 0;

	say(fixed ? "twin" : "bug");
	run(fixed, 0);
	if (refuse)
		while (run(fixed, ++n) && n < REFUSALS_MAX)
			;
	sleep(SETTLE_SECONDS);
	validate_slabs();
	show_leaks();
}

int main(void)
{
	const char *leaks = getenv("leaks");

	module = getenv("module");
	refuse = getenv("refuse");
	use_device = getenv("device");
	kmemleak = leaks && !strcmp(leaks, "on");
	mount_all();
	refuse_all();
	if (!module)
		stop();
	show_leaks();
	run_all(true);
	run_all(false);
	say("end");
	stop();
}
