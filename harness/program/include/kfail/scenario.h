/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Scenarios: what is done with a driver between its init and its exit. A scenario is an ordinary C program without a
 * main(), compiled for user space against the host's own headers:
 *
 *	#include <kfail/scenario.h>
 *	#include <fcntl.h>
 *	#include <unistd.h>
 *
 *	static int fd = -1;
 *
 *	OPERATION(open)
 *	{
 *		fd = open("/dev/foo", O_RDWR);
 *		return result(fd);
 *	}
 *
 *	OPERATION(fill, .check = fill_check)
 *	{
 *		return result(write(fd, "hello", 5));
 *	}
 *
 *	OPERATION(close)
 *	{
 *		return result(close(fd));
 *	}
 *
 *	$ kfail sweep foo.ko --scenario use_foo.c
 *
 * OPERATIONS run in the order in which they stand in the file, after the module's init and before its exit, which are
 * the first and the last operation ("init", "exit"). Each is swept by itself: the ones before it run without a
 * refusal, then one request after the other is refused in it, and the rest runs without a refusal again. Of each run
 * is asked:
 *
 *	- did the operation fail properly? It returns what is 0 or more, or a negative errno: one that exists, and
 *	  one of .errors if there is such a list;
 *	- does the same operation succeed when it is tried again without a refusal? So an operation that fails leaves
 *	  the program as it was: it closes what it opened itself;
 *	- does .check still find the driver as it should be, and do the operations behind it still work?
 *	- does every system call return to the program with no lock held, and in the context it came from?
 *	- after the last operation and the module's exit: is anything left?
 *
 * An operation that fails without a refusal is not judged.
 *
 * THE COURSE	init; .setup of the scenario; for each operation: .setup, the operation [, the operation again], .check,
 *		.teardown; .teardown of the scenario; all files are closed, as when a process ends; exit.
 *		Requests are refused in the swept operation only, and the snapshot lies right before it (behind
 *		its .setup): each run starts from the same bytes, the program's variables included.
 *
 * SYSTEM CALLS	open(), ioctl(), socket(), mount(), poll() and the like are those of the kernel under the driver: they see
 *		its /dev, /sys, /proc and /tmp, as root, and its time, in which sleep() costs nothing. malloc() is
 *		memory that is restored with every run. String functions, snprintf() and such are the C library's; printf()
 *		is shown in a replay. What would go to the host instead (fopen(), fork(), threads, signal()) is
 *		refused when the scenario is loaded, with a sentence that names it.
 *
 * In native mode (a driver's source without a kernel) the system calls are open, close, read, write, lseek,
 * ioctl, poll, sleep and clock_gettime, on devices that the driver registered; a scenario that makes others is not
 * judged from there on.
 */
#ifndef KFAIL_SCENARIO_H
#define KFAIL_SCENARIO_H

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/* Of this header; kfail says so when a .so was made for another one. */
#define KFAIL_SCENARIO_VERSION 1

struct kfail_operation {
	const char *name;
	long (*run)(void);
	/* The others may be NULL. 0, or -errno: then the operation is not judged. */
	int (*setup)(void);
	/* Right behind the operation (or its second try), without refusals: says with expect() what is wrong. */
	void (*check)(void);
	void (*teardown)(void);
	/* The errnos that it may fail with, ended by 0; NULL: any that exists. */
	const int *errors;
	/* It may fail after a refusal and cannot be tried again: the second try is left out. */
	int once;
	int order; /* in the file */
};

struct kfail_scenario {
	int (*setup)(void);	/* once, behind init and before the first operation. 0 or -errno */
	void (*teardown)(void); /* once, behind the last operation */
};

/*
 * OPERATION(name [, .setup = f] [, .check = f] [, .teardown = f] [, .errors = list] [, .once = 1]) { ... }
 * The body returns what is 0 or more, or a negative errno.
 */
#define OPERATION(name_, ...)                                                                \
	static long kfail_run_##name_(void);                                                 \
	static const struct kfail_operation kfail_operation_##name_ __attribute__((          \
		used, section("kfail_operations"), aligned(8))) = {                          \
		.name = #name_, .run = kfail_run_##name_, .order = __LINE__, ##__VA_ARGS__}; \
	static long kfail_run_##name_(void)

/* What kfail looks for in the compiled program. */
struct kfail_program {
	int version;
	unsigned size; /* of an operation */
	const struct kfail_operation *first, *end;
};

extern const struct kfail_operation __start_kfail_operations[]
	__attribute__((weak, visibility("hidden")));
extern const struct kfail_operation __stop_kfail_operations[]
	__attribute__((weak, visibility("hidden")));

__attribute__((used, weak, visibility("default")))
const struct kfail_program kfail_program = {KFAIL_SCENARIO_VERSION, sizeof(struct kfail_operation),
					    __start_kfail_operations, __stop_kfail_operations};

/* SCENARIO([.setup = f] [, .teardown = f]); at most once in a file. */
#define SCENARIO(...)                                \
	__attribute__((used, visibility("default"))) \
	const struct kfail_scenario kfail_scenario = {__VA_ARGS__}

/* What an operation returns for a system call's result: -errno for -1. */
#define result(call_)                                   \
	({                                              \
		long result_ = (long)(call_);           \
		result_ == -1 ? -(long)errno : result_; \
	})

/* expect(fd >= 0), expect_equal(count, 5): what is wrong becomes a finding ("check") with file and line; the program
 * goes on. */
#define expect(condition_)      \
	((condition_) ? (void)0 \
		      : kfail_expect_failed(__FILE__, __LINE__, "expect(%s) fails", #condition_))

#define expect_equal(is_, should_)                                                            \
	do {                                                                                  \
		long long kfail_is_ = (long long)(is_), kfail_should_ = (long long)(should_); \
		if (kfail_is_ != kfail_should_)                                               \
			kfail_expect_failed(__FILE__, __LINE__,                               \
					    "%s should be %s: it is %lld, not %lld", #is_,    \
					    #should_, kfail_is_, kfail_should_);              \
	} while (0)

__attribute__((format(printf, 3, 4))) void kfail_expect_failed(const char *file, int line,
							       const char *format, ...);

/*
 * A command of kmemleak, as it would be written to /sys/kernel/debug/kmemleak, which is there too where the driver runs on
 * a kernel: "scan" looks for objects that nothing points to. Returns how many are known then, or -errno: -EINVAL for
 * what is no command, -EPERM when kmemleak is off or cannot judge.
 */
long kfail_kmemleak(const char *command);
/* What reading that file shows, at most `size` - 1 bytes and a NUL. Returns the length of all of it. */
unsigned long kfail_kmemleak_read(char *text, unsigned long size);

/* The run cannot be judged, and this is why: the operation ends here. */
__attribute__((noreturn)) void kfail_skip(const char *why);

/* For files of /sys, /proc and debugfs: write a text, or read up to size - 1 bytes and end them with NUL. What
 * write() or read() returned, or -errno. */
static inline long kfail_write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_TRUNC);
	long n;

	if (fd < 0)
		return -errno;
	n = result(write(fd, text, strlen(text)));
	close(fd);
	return n;
}

static inline long kfail_read_file(const char *path, char *text, unsigned long size)
{
	int fd = open(path, O_RDONLY);
	long n;

	if (fd < 0)
		return -errno;
	n = result(read(fd, text, size - 1));
	text[n > 0 ? n : 0] = '\0';
	close(fd);
	return n;
}

#endif
