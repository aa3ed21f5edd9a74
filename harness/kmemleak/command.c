// SPDX-License-Identifier: GPL-2.0-only
/*
 * The command language of /sys/kernel/debug/kmemleak: kmemleak_write() of mm/kmemleak.c of 6.1. A command is recognised by
 * how it begins; the order in which that is tried is the kernel's, since one begins like another.
 *
 * There is no thread for the automatic scan (scan=on, scan=SECS): somebody asks now and then whether one is due by the
 * world's clock, when the world is at rest.
 */
#include "internal.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SECS_FIRST_SCAN 60
#define SECS_SCAN_WAIT	600
#define COMMAND_MAX	63 /* bytes */

static struct {
	void (*found)(const struct kml_leak *leak, void *arg);
	void *arg;
} listener;

void kml_set_found(void (*found)(const struct kml_leak *leak, void *arg), void *arg)
{
	listener.found = found;
	listener.arg = arg;
}

static bool begins(const char *text, const char *with)
{
	return !strncmp(text, with, strlen(with));
}

/* kstrtoul(text, 0, ...): one newline may follow, and nothing else. */
static bool parse(const char *text, unsigned long max, unsigned long *value)
{
	char *end;

	if (*text == '+')
		text++;
	if (*text < '0' || *text > '9')
		return false;
	errno = 0;
	*value = strtoul(text, &end, 0);
	if (*end == '\n')
		end++;
	return !*end && !errno && *value <= max;
}

static int scan(void)
{
	return kml_scan(NULL, listener.found, listener.arg) ? 0 : -EPERM;
}

static int dump(const char *text)
{
	struct kml_object *object;
	unsigned long addr;

	if (!parse(text, ULONG_MAX, &addr))
		return -EINVAL;
	object = kml_about(addr, false);
	if (!object) {
		kml_log(6, "Unknown object at 0x%08lx", addr);
		return -EINVAL;
	}
	kml_touch(object);
	object->count = kml_count(object);
	kml_dump(object);
	return 0;
}

/* Grey, not black: what they point to is no leak either. */
static void clear_one(struct kml_object *object, void *arg)
{
	if (!(object->flags & OBJECT_REPORTED) || !object->white)
		return;
	kml_touch(object);
	object->min_count = 0;
	object->white = false;
}

/* When it is off: nothing is left to be shown. */
static void remove_one(struct kml_object *object, void *arg)
{
	kml_touch(object);
	object->flags &= (uint32_t)~OBJECT_REPORTED;
}

static uint64_t seconds(uint64_t n)
{
	return n * kml_world.hz;
}

static void stop_thread(void)
{
	if (kml_state.auto_scan)
		kml_log(6, "Automatic memory scanning thread ended");
	kml_state.auto_scan = false;
}

static void start_thread(uint64_t first)
{
	struct kml_task now;

	if (kml_state.auto_scan)
		return;
	kml_task_now(&now);
	kml_state.auto_scan = true;
	kml_state.next_scan = now.jiffies + first;
	if (!kml_state.scan_period)
		kml_state.scan_period = seconds(SECS_SCAN_WAIT);
	kml_log(6, "Automatic memory scanning thread started");
}

static int set_period(const char *text)
{
	unsigned long secs;

	if (!parse(text, UINT_MAX, &secs))
		return -EINVAL;
	stop_thread();
	if (!secs)
		return 0;
	kml_state.scan_period = seconds(secs);
	start_thread(kml_state.scan_period);
	return 0;
}

static void turn_off(void)
{
	stop_thread();
	kml_state.disabled = true;
	kml_log(4, "Kernel memory leak detector disabled");
	kml_log(6, "Kmemleak disabled without freeing internal data. Reclaim the memory with "
		   "\"echo clear > /sys/kernel/debug/kmemleak\".");
}

static int run(const char *text)
{
	if (begins(text, "off"))
		turn_off();
	else if (begins(text, "stack=on"))
		kml_state.stack_scan = true;
	else if (begins(text, "stack=off"))
		kml_state.stack_scan = false;
	else if (begins(text, "scan=on"))
		start_thread(seconds(SECS_FIRST_SCAN));
	else if (begins(text, "scan=off"))
		stop_thread();
	else if (begins(text, "scan="))
		return set_period(text + 5);
	else if (begins(text, "scan"))
		return scan();
	else if (begins(text, "dump="))
		return dump(text + 5);
	else
		return -EINVAL;
	return 0;
}

int kml_command(const char *text)
{
	char command[COMMAND_MAX + 1];

	snprintf(command, sizeof(command), "%s", text);
	if (begins(command, "clear")) {
		kml_for_each(kml_state.disabled ? remove_one : clear_one, NULL);
		return 0;
	}
	return kml_state.disabled ? -EPERM : run(command);
}

bool kml_command_check(const char *text, char *err)
{
	static const char *const words[] = {"clear",   "off",	   "stack=on", "stack=off",
					    "scan=on", "scan=off", "scan"};
	unsigned long value;

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (!strcmp(text, words[i]))
			return true;
	if (begins(text, "scan=") && parse(text + 5, UINT_MAX, &value))
		return true;
	if (begins(text, "dump=") && parse(text + 5, ULONG_MAX, &value))
		return true;
	snprintf(err, 128,
		 "\"%.40s\" is none of scan, clear, off, stack=on|off, "
		 "scan=on|off|SECS, dump=ADDR",
		 text);
	return false;
}

void kml_scan_if_due(void)
{
	struct kml_task now;

	if (!kml_state.auto_scan || kml_state.disabled)
		return;
	kml_task_now(&now);
	if (now.jiffies < kml_state.next_scan)
		return;
	kml_state.next_scan = now.jiffies + kml_state.scan_period;
	scan();
}
