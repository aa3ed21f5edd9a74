// SPDX-License-Identifier: GPL-2.0-only
/*
 * The target for result stores: a file of SQLite that was damaged, or made by somebody else, is listed and the newest sweep of it
 * is read, as `kfail report` does.
 */
#include "parsers.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "../../harness/store/store.h"
#include "../../harness/trace/util.h"

/* SQLite wants a name that stays: a file in a directory of this process. */
static char directory[64], *path;

static void remove_file(const char *suffix)
{
	char *name = xasprintf("%s%s", path, suffix);

	unlink(name);
	free(name);
}

static void remove_files(void)
{
	remove_file("");
	remove_file("-wal");
	remove_file("-shm");
	remove_file("-journal");
}

static pid_t owner;

static void leave(void)
{
	if (getpid() != owner)
		return;
	remove_files();
	rmdir(directory);
}

static int make_directory(void)
{
	static const char *const places[] = {"/dev/shm", "/tmp"};

	for (unsigned i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		snprintf(directory, sizeof(directory), "%s/kfail-store.XXXXXX", places[i]);
		if (mkdtemp(directory))
			return 0;
	}
	return -1;
}

static int open_store(const struct fuzz_setup *setup, char *err)
{
	if (make_directory()) {
		snprintf(err, FUZZ_ERR, "%s: %s", directory, strerror(errno));
		return -1;
	}
	owner = getpid();
	path = xasprintf("%s/input.db", directory);
	return atexit(leave) ? -1 : 0;
}

/* Another name for each child, which run at the same time. */
static int adopt(void)
{
	free(path);
	path = xasprintf("%s/%d.db", directory, (int)getpid());
	return 0;
}

static void write_file(const uint8_t *data, size_t size)
{
	FILE *file = fopen(path, "wbe");

	if (!file || fwrite(data, 1, size, file) != size || fclose(file)) {
		fprintf(stderr, "kfail: %s: %s\n", path, strerror(errno));
		_exit(4);
	}
}

static void nothing(const struct store_line *line, void *arg)
{
}

static void read_store(struct store *store, struct fuzz_outcome *out)
{
	struct sweep_result result;
	int64_t newest;

	if (store_list(store, nothing, NULL)) {
		parsers_judge(out, "the list of a store is",
			      store_error(store) ? store_error(store) : "");
		return;
	}
	newest = store_newest(store);
	if (newest <= 0)
		return;
	if (store_load(store, newest, &result))
		parsers_judge(out, "a sweep of a store is",
			      store_error(store) ? store_error(store) : "");
	else
		sweep_result_clear(&result);
}

static void run_store(const uint8_t *data, size_t size, bool careful, struct fuzz_outcome *out)
{
	char err[STORE_ERR] = "";
	struct store *store;

	write_file(data, size);
	store = store_open_reader(path, err);
	if (store)
		read_store(store, out);
	else
		parsers_judge(out, "a store is", err);
	store_close(store);
	remove_files();
}

const struct fuzz_target store_target = {
	.name = "store",
	.about = "Result stores (--store, kfail report)",
	.open = open_store,
	.adopt = adopt,
	.run = run_store,
};
