// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a driver can be asked, found out from itself.
 *
 * Files: those below some directories which are there behind init, and were not before it. They are looked for through the
 * kernel of the world, by the program's own calls.
 *
 * Numbers of ioctls: constants of the module's code, as objdump shows it, in comparisons and in what a compiler makes of a
 * switch (a subtraction of the first number, and those behind it), that have the form that _IOC() gives a number
 * (include/uapi/asm-generic/ioctl.h).
 *
 * A number that is none costs a place in a list; one that is missed (a table, a number that is taken apart) can be
 * named in a description.
 *
 * Files are looked for in a child: what is looked up there stays in caches, and the next input would find it.
 */
#include "discover.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include "../../harness/native/native.h"
#include "../../harness/program/memory.h"
#include "../../harness/program/program.h"
#include "../../harness/sweep/run.h"
#include "../../harness/trace/util.h"
#include "../../harness/world/file.h"
#include "execute.h"

#define FILES_MAX    16384
#define DIRENTS_MAX  32768
#define DENSE	     12	  /* numbers of a dense switch */
#define SIZE_MAX_IOC 4096 /* of what an ioctl points to */
#define ARGS(...)    ((const uint64_t[6]){__VA_ARGS__})

/* ---- files ---- */

/* Directories whose files are looked at, so deep; `writable`: only files that can be written, and not those that every
 * device has. */
static const struct place {
	const char *path;
	unsigned depth;
	bool writable;
} places[] = {
	{"/dev", 3, false},	 {"/proc", 3, false},	{"/sys/kernel/debug", 4, false},
	{"/sys/class", 2, true}, {"/sys/bus", 4, true}, {"/sys/module", 3, true},
};

static struct {
	char **before; /* paths, those of before init */
	unsigned before_count;
	bool after; /* they are compared with those */
	struct driver_model *model;
	const char *module;
} look;

/* Everybody has them, and they are the kernel's own. */
static bool is_common(const char *name)
{
	static const char *const common[] = {"uevent",	  "power",	   "subsystem", "dev",
					     "autoprobe", "drivers_probe", "driver",	"device",
					     "holders",	  "notes",	   "sections"};

	for (unsigned i = 0; i < sizeof(common) / sizeof(common[0]); i++)
		if (!strcmp(name, common[i]) || !strncmp(name, "drivers_", 8))
			return true;
	return false;
}

static bool was_there(const char *path)
{
	for (unsigned i = 0; i < look.before_count; i++)
		if (!strcmp(look.before[i], path))
			return true;
	return false;
}

/* The loader makes those of the module under test, right before its init. */
static bool is_parameter(const char *path)
{
	return !strncmp(path, "/sys/module/", 12) && strstr(path, "/parameters/");
}

static void note(const char *path)
{
	if (look.after) {
		if (is_parameter(path) || !was_there(path))
			model_add_node(look.model, path);
		return;
	}
	if (look.before_count == FILES_MAX)
		return;
	look.before = xreallocarray(look.before, look.before_count + 1, sizeof(*look.before));
	look.before[look.before_count++] = xstrdup(path);
}

static mode_t mode_of(const char *path)
{
	struct stat *st = user_malloc(sizeof(*st));
	char *at = user_strdup(path);
	int64_t error = program_raw_call("stat", SYS_stat, ARGS((uint64_t)at, (uint64_t)st));
	mode_t mode = error ? 0 : st->st_mode;

	user_free(at);
	user_free(st);
	return mode;
}

/* Parameters of other modules are not the driver's. */
static bool is_foreign(const char *path)
{
	static const char modules[] = "/sys/module/";
	size_t n = strlen(look.module);

	if (strncmp(path, modules, sizeof(modules) - 1))
		return false;
	path += sizeof(modules) - 1;
	return strncmp(path, look.module, n) || (path[n] && path[n] != '/');
}

static void walk(const char *path, unsigned depth, bool writable);

static void look_at(const char *directory, const char *name, unsigned depth, bool writable)
{
	char path[NODE_MAX];
	mode_t mode;

	if (!strcmp(name, ".") || !strcmp(name, "..") || (writable && is_common(name)) ||
	    (!strcmp(directory, "/proc") && isdigit((unsigned char)name[0])))
		return;
	if (snprintf(path, sizeof(path), "%s/%s", directory, name) >= (int)sizeof(path) ||
	    is_foreign(path))
		return;
	mode = mode_of(path);
	if (S_ISDIR(mode) && depth)
		walk(path, depth - 1, writable);
	else if (S_ISCHR(mode) || S_ISBLK(mode) || (S_ISREG(mode) && (!writable || mode & 0222)))
		note(path);
}

static void walk(const char *path, unsigned depth, bool writable)
{
	char *at = user_strdup(path), *entries = user_malloc(DIRENTS_MAX), *list;
	int64_t fd = program_raw_call("open", SYS_open, ARGS((uint64_t)at, O_RDONLY | O_DIRECTORY)),
		n;

	while (fd >= 0 &&
	       (n = program_raw_call("getdents64", SYS_getdents64,
				     ARGS((uint64_t)fd, (uint64_t)entries, DIRENTS_MAX))) > 0) {
		list = xmalloc((size_t)n);
		memcpy(list, entries, (size_t)n);
		for (int64_t i = 0; i < n; i += ((struct dirent64 *)(list + i))->d_reclen)
			look_at(path, ((struct dirent64 *)(list + i))->d_name, depth, writable);
		free(list);
	}
	if (fd >= 0)
		program_raw_call("close", SYS_close, ARGS((uint64_t)fd));
	user_free(entries);
	user_free(at);
}

static long look_for_files(void)
{
	for (unsigned i = 0; i < sizeof(places) / sizeof(places[0]); i++)
		walk(places[i].path, places[i].depth, places[i].writable);
	return 0;
}

/* ---- numbers of ioctls ---- */

/* What _IO(), _IOR(), _IOW() and _IOWR() make of a letter, a number and a size. */
static bool is_command(uint32_t number)
{
	unsigned size = _IOC_SIZE(number), type = _IOC_TYPE(number), direction = _IOC_DIR(number);

	if (type <= 0x20 || type == 0xff)
		return false;
	return direction ? size && size <= SIZE_MAX_IOC : !size;
}

static void add_command(struct driver_model *model, uint32_t number)
{
	if (is_command(number))
		model_add_command(model, number, "");
}

/* A switch over numbers that follow each other subtracts the first and looks up the rest. */
static void add_dense(struct driver_model *model, uint32_t first)
{
	if (!is_command(first) || _IOC_NR(first) > 0xff - DENSE)
		return;
	for (unsigned i = 0; i < DENSE; i++)
		add_command(model, first + i);
}

/* A line as "  585:	cmp    $0x98f900,%eax". */
static void read_instruction(struct driver_model *model, const char *line)
{
	const char *insn = strchr(line, '\t'), *constant;
	bool negative;

	if (!insn++)
		return;
	constant = strchr(insn, '$');
	if (!strncmp(insn, "cmp", 3) && constant) {
		add_command(model, (uint32_t)strtoull(constant + 1, NULL, 0));
	} else if (!strncmp(insn, "sub", 3) && constant) {
		add_dense(model, (uint32_t)strtoull(constant + 1, NULL, 0));
	} else if (!strncmp(insn, "add", 3) && constant) {
		add_dense(model, -(uint32_t)strtoull(constant + 1, NULL, 0));
	} else if (!strncmp(insn, "lea", 3)) {
		constant = insn + strcspn(insn, " ");
		constant += strspn(constant, " ");
		negative = *constant == '-';
		if (negative)
			add_dense(model, (uint32_t)strtoull(constant + 1, NULL, 0));
	}
}

int discover_commands(const char *object, struct driver_model *model, char *err)
{
	const char *const argv[] = {"objdump", "-d", "--no-show-raw-insn", object, NULL};
	char *output, *rest, *line;
	int status = kf_run(".", argv, &output);

	if (status) {
		snprintf(err, 256, "objdump (package binutils) cannot read %.150s", object);
		free(output);
		return -1;
	}
	for (rest = output; (line = strsep(&rest, "\n"));)
		read_instruction(model, line);
	free(output);
	return 0;
}

/* ---- the child ---- */

/* Native mode has no file system to look through. */
static void note_device(const char *name, void *arg)
{
	char path[NODE_MAX];

	if (snprintf(path, sizeof(path), "/dev/%s", name) < (int)sizeof(path))
		model_add_node(look.model, path);
}

static int make_look(const struct target *target, const struct run_options *options, char *err)
{
	const struct program_options program = {.timeout_ms = options->timeout_ms};
	struct program_outcome out;

	if (program_run(target, &program, PROGRAM_RUN, 0, &out) == PROGRAM_RETURNED)
		return 0;
	snprintf(err, 256, "the files of %s cannot be looked for: %.150s", target->module,
		 out.death.what[0] ? out.death.what : out.why);
	return -1;
}

static int look_around(const struct target *target, unsigned timeout_ms, char *err)
{
	const struct run_options options = {.timeout_ms = timeout_ms};
	int error = target->adopt ? target->adopt() : 0;

	if (error) {
		snprintf(err, 256, "the world cannot be copied: %s", strerror(-error));
		return -1;
	}
	run_attach(target);
	execute_instead(look_for_files);
	target->restore();
	look.module = target->module;
	if (strcmp(target->kernel, "native") != 0 && make_look(target, &options, err))
		return -1;
	if (run_prepare(target, &options, 0, err))
		return -1;
	look.after = true;
	target->restore();
	if (!strcmp(target->kernel, "native")) {
		native_each_device(note_device, NULL);
		return 0;
	}
	if (make_look(target, &options, err))
		return -1;
	return 0;
}

__attribute__((noreturn)) static void child(const struct target *target, unsigned timeout_ms,
					    int to)
{
	struct driver_model *model = xcalloc(1, sizeof(*model));
	FILE *out = fdopen(to, "w");
	char err[256] = "";

	look.model = model;
	if (look_around(target, timeout_ms, err))
		fprintf(out, "!%s\n", err);
	else
		model_print(model, out);
	fclose(out);
	_exit(0);
}

static char *read_all(int fd)
{
	char *text = xstrdup("");
	size_t size = 0;
	ssize_t n;

	do {
		text = xrealloc(text, size + 4097);
		n = read(fd, text + size, 4096);
		size += n > 0 ? (size_t)n : 0;
	} while (n > 0 || (n < 0 && errno == EINTR));
	text[size] = '\0';
	return text;
}

int discover_files(const struct target *target, unsigned timeout_ms, struct driver_model *model,
		   char *err)
{
	int fds[2], status, result;
	char *text;
	pid_t pid;

	fflush(NULL);
	if (pipe2(fds, O_CLOEXEC) || (pid = fork()) < 0) {
		snprintf(err, 256, "no process to look at the driver in: %s", strerror(errno));
		return -1;
	}
	if (!pid)
		child(target, timeout_ms, fds[1]);
	close(fds[1]);
	text = read_all(fds[0]);
	close(fds[0]);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (!WIFEXITED(status) || WEXITSTATUS(status) || text[0] == '!') {
		snprintf(err, 256, "%s",
			 text[0] == '!' ? text + 1 : "the process that looked at the driver died");
		err[strcspn(err, "\n")] = '\0';
		result = -1;
	} else {
		result = model_read(model, "what was found", text, err);
	}
	free(text);
	return result;
}
