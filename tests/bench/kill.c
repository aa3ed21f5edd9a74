// SPDX-License-Identifier: GPL-2.0-only
/*
 * The kill test: a sweep is ended by SIGKILL again and again, at moments that a seeded generator chooses, and resumed each
 * time; in the end its result must be that of a sweep that nobody disturbed, to the letter.
 *
 *	kill KFAIL DIRECTORY ROUNDS SEED -- ARGUMENTS OF kfail sweep
 *
 * Every other victim is a worker, which the sweep has to survive by itself. When to kill is decided by counting what the
 * store has: as long as the sweep is ahead of the rounds it is killed soon after its start, else it may live until the
 * store has more. Each wait ends somewhere in the time between two transactions.
 *
 * Prints name=value lines; status 0 when the results are equal.
 */
#include <errno.h>
#include <jansson.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "../../harness/store/store.h"
#include "../../harness/trace/util.h"

#define LIVES_MAX 20 /* for each round: so often may the sweep be started */

static const char *kfail, *directory;
static char **sweep_args;
static uint64_t state;
static unsigned wait_max_ms; /* longest time before a kill */

/* xorshift64*: the same moments for the same seed. */
static unsigned chance(unsigned below)
{
	state ^= state >> 12;
	state ^= state << 25;
	state ^= state >> 27;
	return (unsigned)((state * 0x2545f4914f6cdd1dull) >> 33) % below;
}

static void fail(const char *what)
{
	fprintf(stderr, "kill: %s\n", what);
	exit(2);
}

static char *file(const char *name)
{
	return xasprintf("%s/%s", directory, name);
}

static uint64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

static void pause_ms(unsigned ms)
{
	const struct timespec t = {ms / 1000, (long)(ms % 1000) * 1000000};

	nanosleep(&t, NULL);
}

static pid_t start(const char *name, bool resume)
{
	char *argv[64] = {(char *)kfail, (char *)"sweep", (char *)"--jobs", (char *)"2",
			  (char *)"--store"};
	unsigned n = 5;
	pid_t pid;

	argv[n++] = xasprintf("%s/%s.db", directory, name);
	if (resume)
		argv[n++] = (char *)"--resume";
	for (char **arg = sweep_args; *arg && n < 63; arg++)
		argv[n++] = *arg;
	pid = fork();
	if (pid)
		return pid;
	if (!freopen("/dev/null", "w", stdout))
		_exit(127);
	execv(kfail, argv);
	_exit(127);
}

/* A number out of a store; 0 while there is none. */
static int64_t ask(const char *name, const char *sql)
{
	char *path = xasprintf("%s/%s.db", directory, name);
	sqlite3_stmt *s = NULL;
	sqlite3 *db = NULL;
	int64_t value = 0;

	if (!access(path, F_OK) && !sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL) &&
	    !sqlite3_prepare_v2(db, sql, -1, &s, NULL) && sqlite3_step(s) == SQLITE_ROW)
		value = sqlite3_column_int64(s, 0);
	sqlite3_finalize(s);
	sqlite3_close(db);
	free(path);
	return value;
}

static int64_t stored(const char *name)
{
	return ask(name, "SELECT total(count) FROM run");
}

static bool has_ended(pid_t pid, int *status)
{
	return waitpid(pid, status, WNOHANG) == pid;
}

/* Is it kfail itself, and not a compiler that kfail has started? */
static bool is_kfail(int pid)
{
	char *path = xasprintf("/proc/%d/comm", pid), name[32] = "";
	FILE *in = fopen(path, "r");

	if (in) {
		if (!fgets(name, sizeof(name), in))
			name[0] = '\0';
		fclose(in);
	}
	free(path);
	return !strcmp(name, "kfail\n");
}

/* One of its workers; 0: there is none now. */
static pid_t worker_of(pid_t pid)
{
	char *path = xasprintf("/proc/%d/task/%d/children", pid, pid);
	FILE *in = fopen(path, "r");
	int workers[64], count = 0;

	while (in && count < 64 && fscanf(in, "%d", &workers[count]) == 1)
		count += is_kfail(workers[count]);
	if (in)
		fclose(in);
	free(path);
	/* One alone may be about to become a compiler. */
	return count > 1 ? workers[chance((unsigned)count)] : 0;
}

struct score {
	unsigned kills, workers, lives;
	bool finished;
};

/* Let it live until it may be killed: true, or it has ended by itself. */
static bool wait_for_moment(pid_t pid, int64_t wanted, int *status)
{
	unsigned ms = chance(wait_max_ms);

	while (ms--) {
		if (has_ended(pid, status))
			return false;
		pause_ms(1);
	}
	while (stored("killed") < wanted) {
		if (has_ended(pid, status))
			return false;
		pause_ms(5);
	}
	return true;
}

/* One life of the sweep. */
static void live(struct score *score, unsigned rounds, int64_t total)
{
	pid_t pid, worker;
	int status;

	/* It may have been killed when all was done. */
	score->finished = ask("killed", "SELECT count(*) FROM sweep WHERE status IS NOT NULL");
	if (score->finished)
		return;
	pid = start("killed", ask("killed", "SELECT count(*) FROM sweep"));
	score->lives++;
	for (;;) {
		/* So far it must have come: kills lie in the first part, or the end comes before the last of them. */
		int64_t wanted = total * score->kills / (4 * rounds);

		if (score->kills == rounds) {
			waitpid(pid, &status, 0);
			break;
		}
		if (!wait_for_moment(pid, wanted, &status))
			break;
		worker = chance(2) ? worker_of(pid) : 0;
		score->kills++;
		if (worker && !kill(worker, SIGKILL)) {
			score->workers++;
			continue;
		}
		kill(pid, SIGKILL);
		waitpid(pid, &status, 0);
		return;
	}
	score->finished = WIFEXITED(status) && WEXITSTATUS(status) == 1;
	if (!score->finished)
		fail("a resumed sweep ended otherwise than with findings");
}

/* The result as the store has it, without what is measured. */
static char *result(const char *name)
{
	char *command = xasprintf("'%s' report --store '%s/%s.db' --json '%s/%s.json' >/dev/null",
				  kfail, directory, name, directory, name);
	char *path = xasprintf("%s/%s.json", directory, name), *text;
	json_t *object;

	if (system(command) < 0)
		fail("kfail report cannot be started");
	free(command);
	object = json_load_file(path, 0, NULL);
	if (!object)
		fail("there is no result");
	json_object_del(object, "seconds");
	json_object_del(object, "runs_per_second");
	text = json_dumps(object, JSON_INDENT(1) | JSON_PRESERVE_ORDER);
	json_decref(object);
	free(path);
	return text;
}

static void write_down(const char *name, const char *text)
{
	char *path = file(name);
	FILE *out = fopen(path, "w");

	if (out) {
		fputs(text, out);
		fclose(out);
	}
	free(path);
}

int main(int argc, char **argv)
{
	struct score score = {0};
	unsigned rounds;
	int64_t total;
	char *one, *other;
	uint64_t began;
	int status;

	if (argc < 7 || strcmp(argv[5], "--") != 0)
		fail("KFAIL DIRECTORY ROUNDS SEED -- ARGUMENTS");
	kfail = argv[1];
	directory = argv[2];
	rounds = (unsigned)atoi(argv[3]);
	state = strtoull(argv[4], NULL, 0) * 2 + 1;
	sweep_args = argv + 6;
	began = now_ms();
	waitpid(start("undisturbed", false), &status, 0);
	wait_max_ms = (unsigned)(now_ms() - began) / (2 * rounds) + 5;
	if (wait_max_ms > STORE_TICK_MS + 200)
		wait_max_ms = STORE_TICK_MS + 200;
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 1)
		fail("the undisturbed sweep did not end with findings");
	total = stored("undisturbed");
	while (!score.finished && score.lives < LIVES_MAX * (rounds + 1))
		live(&score, rounds, total);
	one = result("undisturbed");
	other = result("killed");
	write_down("undisturbed.txt", one);
	write_down("killed.txt", other);
	printf("runs=%lld\nkills=%u\nkilled_workers=%u\nlives=%u\nequal=%d\n", (long long)total,
	       score.kills, score.workers, score.lives, !strcmp(one, other));
	return strcmp(one, other) != 0 || score.kills < rounds;
}
