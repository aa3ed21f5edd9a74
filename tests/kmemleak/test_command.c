// SPDX-License-Identifier: GPL-2.0-only
/* The command language of /sys/kernel/debug/kmemleak. */
#include "leak_test.h"

#include <errno.h>
#include <stdio.h>

static void test_scan_and_clear(void)
{
	void **object = get(64), *child = get(64);

	object[0] = child;
	CU_ASSERT_EQUAL(kml_command("scan\n"), 0);
	CU_ASSERT_TRUE(log_says("kmemleak: 2 new suspected memory leaks "
				"(see /sys/kernel/debug/kmemleak)"));
	CU_ASSERT_EQUAL(kml_leaks(), 2);
	CU_ASSERT_EQUAL(kml_command("clear"), 0);
	CU_ASSERT_EQUAL(kml_leaks(), 0);
	CU_ASSERT_EQUAL(kml_command("scan"), 0);
	CU_ASSERT_EQUAL(kml_leaks(), 0);
}

static void test_unknown(void)
{
	CU_ASSERT_EQUAL(kml_command("sca"), -EINVAL);
	CU_ASSERT_EQUAL(kml_command(""), -EINVAL);
	CU_ASSERT_EQUAL(kml_command("stack=maybe"), -EINVAL);
	CU_ASSERT_EQUAL(kml_command("scan=later"), -EINVAL);
	CU_ASSERT_EQUAL(kml_command("scan=-1"), -EINVAL);
	CU_ASSERT_EQUAL(kml_command("scan=4294967296"), -EINVAL);
	CU_ASSERT_EQUAL(kml_command("dump=here"), -EINVAL);
	/* A command is known by how it begins. */
	CU_ASSERT_EQUAL(kml_command("scanning"), 0);
	CU_ASSERT_EQUAL(kml_command("stack=onward"), 0);
}

static void test_off(void)
{
	get(64);
	CU_ASSERT_EQUAL(kml_command("scan"), 0);
	CU_ASSERT_EQUAL(kml_command("off"), 0);
	CU_ASSERT_EQUAL(kml_command("scan"), -EPERM);
	CU_ASSERT_EQUAL(kml_command("stack=on"), -EPERM);
	CU_ASSERT_EQUAL(kml_leaks(), 1);
	CU_ASSERT_EQUAL(kml_command("clear"), 0);
	CU_ASSERT_EQUAL(kml_leaks(), 0);
	/* Somebody wanted that: it is no failure of ours. */
	CU_ASSERT_PTR_NULL(kml_unable());
}

static void test_dump(void)
{
	void *object = get(96);
	char command[64];

	variables[0] = variables[1] = object;
	kml_command("scan");
	last_log[0] = '\0';
	snprintf(command, sizeof(command), "dump=0x%lx\n", (unsigned long)object);
	CU_ASSERT_EQUAL(kml_command(command), 0);
	snprintf(command, sizeof(command),
		 "kmemleak: Object 0x%08lx (size 96):", (unsigned long)object);
	CU_ASSERT_TRUE(log_says(command));
	CU_ASSERT_TRUE(log_says("kmemleak:   comm \"insmod\", pid 42, jiffies 1000"));
	CU_ASSERT_TRUE(log_says("kmemleak:   min_count = 1"));
	CU_ASSERT_TRUE(log_says("kmemleak:   count = 1"));
	CU_ASSERT_TRUE(log_says("kmemleak:   flags = 0x1"));
	CU_ASSERT_TRUE(log_says("kmemleak:   checksum = 0"));
	CU_ASSERT_TRUE(log_says("kmemleak:   backtrace:"));
	CU_ASSERT_EQUAL(kml_command("dump=0x10"), -EINVAL);
	CU_ASSERT_TRUE(log_says("kmemleak: Unknown object at 0x00000010"));
}

/* Expect: a scan a minute after scan=on, then every ten minutes; nothing after scan=off. */
static void test_automatic(void)
{
	get(64);
	CU_ASSERT_EQUAL(kml_command("scan=on"), 0);
	CU_ASSERT_TRUE(log_says("Automatic memory scanning thread started"));
	clock_jiffies += 60 * 250 - 1;
	kml_scan_if_due();
	CU_ASSERT_EQUAL(kml_leaks(), 0);
	clock_jiffies++;
	kml_scan_if_due();
	CU_ASSERT_EQUAL(kml_leaks(), 1);
	get(64);
	clock_jiffies += 600 * 250;
	kml_scan_if_due();
	CU_ASSERT_EQUAL(kml_leaks(), 2);
	CU_ASSERT_EQUAL(kml_command("scan=off"), 0);
	CU_ASSERT_TRUE(log_says("Automatic memory scanning thread ended"));
	get(64);
	clock_jiffies += 600 * 250;
	kml_scan_if_due();
	CU_ASSERT_EQUAL(kml_leaks(), 2);
}

static void test_period(void)
{
	get(64);
	CU_ASSERT_EQUAL(kml_command("scan=5\n"), 0);
	clock_jiffies += 5 * 250;
	kml_scan_if_due();
	CU_ASSERT_EQUAL(kml_leaks(), 1);
	CU_ASSERT_EQUAL(kml_command("scan=0"), 0);
	get(64);
	clock_jiffies += 100000;
	kml_scan_if_due();
	CU_ASSERT_EQUAL(kml_leaks(), 1);
}

static void test_check(void)
{
	char err[128];

	CU_ASSERT_TRUE(kml_command_check("scan", err));
	CU_ASSERT_TRUE(kml_command_check("scan=20", err));
	CU_ASSERT_TRUE(kml_command_check("dump=0x1234", err));
	CU_ASSERT_FALSE(kml_command_check("scans", err));
	CU_ASSERT_FALSE(kml_command_check("dump=", err));
	CU_ASSERT_FALSE(kml_command_check("", err));
}

CU_TestInfo command_tests[] = {
	{"scan, clear", test_scan_and_clear},
	{"what is no command", test_unknown},
	{"off", test_off},
	{"dump", test_dump},
	{"scan=on", test_automatic},
	{"scan=SECS", test_period},
	{"a check beforehand", test_check},
	CU_TEST_INFO_NULL,
};
