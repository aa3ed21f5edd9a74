// SPDX-License-Identifier: GPL-2.0-only
/* Strings, formatted text with the kernel's conversions, numbers from text. */
#include <linux/ctype.h>
#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/slab.h>
#include <linux/string.h>
#include "check.h"

static char text[128];

__printf(1, 2) static const char *format(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	return text;
}

#define SAME(expected, ...) CHECK(!strcmp(format(__VA_ARGS__), expected))

static void nested(const char *fmt, ...)
{
	struct va_format vaf;
	va_list args;

	va_start(args, fmt);
	vaf.fmt = fmt;
	vaf.va = &args;
	SAME("<7 seven>", "<%pV>", &vaf);
	va_end(args);
}

static const char *volatile nothing;

static void conversions(void)
{
	const u8 bytes[6] = {0, 0x1b, 0x21, 0xab, 0xcd, 0xef};

	SAME("-5 5 ff FF 17", "%d %u %x %X %o", -5, 5, 255, 255, 15);
	SAME("  42|42  |00042|+42", "%4d|%-4d|%05d|%+d", 42, 42, 42, 42);
	SAME("0x2a 18446744073709551615", "%#x %llu", 42, U64_MAX);
	SAME("abc|  abc|ab", "%s|%5s|%.2s", "abc", "abc", "abc");
	SAME("(null) c %", "%s %c %%", nothing, 'c');
	SAME("255 -1", "%hhu %hd", (u8)255, (short)-1);
	SAME("000000000000002a", "%px", (void *)42);
	SAME("-ENOMEM", "%pe", ERR_PTR(-ENOMEM));
	SAME("00:1b:21:ab:cd:ef", "%pM", bytes);
	SAME("00 1b 21", "%*ph", 3, bytes);
	SAME("0.27.33.171", "%pI4", bytes);
	SAME("nested", "%ps", nested);
	nested("%d %s", 7, "seven");
	CHECK(snprintf(text, 4, "12345") == 5 && !strcmp(text, "123"));
	CHECK(scnprintf(text, 4, "12345") == 3);
}

static void strings(void)
{
	char buf[8], *p = buf;

	CHECK(strscpy(buf, "abc", sizeof(buf)) == 3 && !strcmp(buf, "abc"));
	CHECK(strscpy(buf, "0123456789", sizeof(buf)) == -E2BIG && !strcmp(buf, "0123456"));
	CHECK(strlcpy(buf, "0123456789", sizeof(buf)) == 10 && strlen(buf) == 7);
	strscpy(buf, " a b ", sizeof(buf));
	CHECK(!strcmp(strim(buf), "a b"));
	strscpy(buf, "x,y", sizeof(buf));
	CHECK(!strcmp(strsep(&p, ","), "x") && !strcmp(p, "y"));
	CHECK(sysfs_streq("on\n", "on") && !sysfs_streq("on", "off"));
	CHECK(strstarts("foobar", "foo") && !strcmp(kbasename("/a/b"), "b"));
	memset(buf, 7, sizeof(buf));
	CHECK(!memchr_inv(buf, 7, sizeof(buf)));
	CHECK(isspace('\t') && toupper('a') == 'A' && isxdigit('F'));
}

static void numbers(void)
{
	unsigned long ul;
	bool flag;
	char *end;
	int i;
	u8 byte;

	CHECK(!kstrtoint("-12\n", 0, &i) && i == -12);
	CHECK(!kstrtoint("0x1f", 0, &i) && i == 31 && !kstrtoint("017", 0, &i) && i == 15);
	CHECK(kstrtoint("12x", 0, &i) == -EINVAL && kstrtoint("", 0, &i) == -EINVAL);
	CHECK(kstrtoint("2147483648", 10, &i) == -ERANGE);
	CHECK(kstrtou8("256", 10, &byte) == -ERANGE && !kstrtou8("255", 10, &byte));
	CHECK(kstrtoul("99999999999999999999", 10, &ul) == -ERANGE);
	CHECK(!kstrtobool("Yes", &flag) && flag && !kstrtobool("off", &flag) && !flag);
	CHECK(kstrtobool("maybe", &flag) == -EINVAL);
	CHECK(memparse("64k", &end) == 65536 && !*end && simple_strtoul("12ab", &end, 10) == 12);
}

static void copies(void)
{
	char *a = kstrdup("hello", GFP_KERNEL), *b = kstrndup("hello", 3, GFP_KERNEL);
	char *c = kmemdup("abc", 4, GFP_KERNEL), *d = kasprintf(GFP_KERNEL, "%s-%d", "x", 5);

	CHECK(a && !strcmp(a, "hello"));
	CHECK(b && !strcmp(b, "hel"));
	CHECK(c && !strcmp(c, "abc"));
	CHECK(d && !strcmp(d, "x-5") && ksize(d) == 8);
	CHECK(!kstrdup(NULL, GFP_KERNEL));
	kfree(a);
	kfree(b);
	kfree(c);
	kfree(d);
}

static void all(void)
{
	conversions();
	strings();
	numbers();
	copies();
}

CHECKED_DRIVER(all);
