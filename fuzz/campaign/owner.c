// SPDX-License-Identifier: GPL-2.0-only
/*
 * Who runs a campaign. run/lock is held by its supervisor, which two on one machine cannot both do.
 * run/supervisor.pid says who it is, for stop and status:
 *
 *	PID START-TIME MACHINE		start time as in /proc/PID/stat, so that another process that got the number later is not
 *					taken for it; the machine with its process namespace
 *
 * On a folder that machines share (a requeued job of a cluster) the lock may not reach from one to
 * the other, and a process of another machine cannot be looked at. Its supervisor touches the file
 * every few seconds; one that no longer does is dead.
 */
#include "campaign.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include "../../harness/trace/util.h"
#include "../triage/files.h"

#define BEAT_SECONDS 2u
#define DEAD_SECONDS 20 /* without a beat */
#define WAIT_SECONDS (4 * BEAT_SECONDS)

static int lock = -1;

/* The machine's name and the namespace that process numbers are of. */
static void machine_name(char out[128])
{
	char host[64] = "", space[48] = "";
	ssize_t n = readlink("/proc/self/ns/pid", space, sizeof(space) - 1);

	gethostname(host, sizeof(host) - 1);
	space[n < 0 ? 0 : n] = 0;
	snprintf(out, 128, "%s/%s", host, space);
}

/* Field 22 of /proc/PID/stat; 0: there is no such process, or it is dead and nobody has looked
 * after it yet. */
static unsigned long long start_time(pid_t pid)
{
	char path[64], *text, *behind;
	unsigned long long time = 0;
	char state = 0;
	size_t size;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	text = file_read(path, 4096, &size);
	/* The name may have blanks and parentheses in it. */
	behind = text ? strrchr(text, ')') : NULL;
	if (behind)
		sscanf(behind + 1,
		       " %c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d "
		       "%*d %*d %*d %llu",
		       &state, &time);
	free(text);
	return state == 'Z' || state == 'X' ? 0 : time;
}

static bool read_owner(const struct campaign *campaign, pid_t *pid, unsigned long long *started,
		       char machine[128], struct stat *st)
{
	char *path = campaign_path(campaign, "run/supervisor.pid"), *text;
	bool read = false;
	size_t size;
	int number;

	text = stat(path, st) ? NULL : file_read(path, 4096, &size);
	if (text && sscanf(text, "%d %llu %127s", &number, started, machine) == 3) {
		*pid = number;
		read = true;
	}
	free(text);
	free(path);
	return read;
}

enum owner owner_of(const struct campaign *campaign, pid_t *pid, char *where)
{
	char machine[128], here[128];
	unsigned long long started;
	struct stat st;

	if (!read_owner(campaign, pid, &started, machine, &st))
		return OWNER_NONE;
	snprintf(where, 256, "process %d on %.*s", (int)*pid, (int)strcspn(machine, "/"), machine);
	machine_name(here);
	if (!strcmp(machine, here))
		return start_time(*pid) == started ? OWNER_HERE : OWNER_NONE;
	return time(NULL) - st.st_mtime < DEAD_SECONDS ? OWNER_ELSEWHERE : OWNER_NONE;
}

/* Clocks of machines differ; whether the file is still touched does not depend on them. */
static bool still_beats(const struct campaign *campaign)
{
	char *path = campaign_path(campaign, "run/supervisor.pid");
	struct stat before, after;
	bool beats = false;

	if (!stat(path, &before))
		for (unsigned i = 0; i < WAIT_SECONDS && !beats; i++) {
			sleep(1);
			beats = !stat(path, &after) &&
				(after.st_mtim.tv_sec != before.st_mtim.tv_sec ||
				 after.st_mtim.tv_nsec != before.st_mtim.tv_nsec);
		}
	free(path);
	return beats;
}

static int write_owner(const struct campaign *campaign, char *err)
{
	char machine[128], *path = campaign_path(campaign, "run/supervisor.pid"), *text;
	int error;

	machine_name(machine);
	text = xasprintf("%d %llu %s\n", (int)getpid(), start_time(getpid()), machine);
	error = file_write(path, text, strlen(text), err);
	free(text);
	free(path);
	return error ? CAMPAIGN_FAILED : 0;
}

int owner_take(const struct campaign *campaign, char *err)
{
	char *path = campaign_path(campaign, "run/lock"), where[256] = "another process";
	pid_t pid;

	lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
	if (lock < 0) {
		snprintf(err, CAMPAIGN_ERR, "%.300s: %s", path, strerror(errno));
		free(path);
		return CAMPAIGN_FAILED;
	}
	free(path);
	if ((flock(lock, LOCK_EX | LOCK_NB) && errno == EWOULDBLOCK) ||
	    (owner_of(campaign, &pid, where) == OWNER_ELSEWHERE && still_beats(campaign))) {
		owner_of(campaign, &pid, where);
		snprintf(err, CAMPAIGN_ERR,
			 "%.200s is running already: %s; `kfail campaign stop` ends it",
			 campaign->folder, where);
		close(lock);
		return CAMPAIGN_WRONG;
	}
	return write_owner(campaign, err);
}

void owner_leave(const struct campaign *campaign)
{
	char *path = campaign_path(campaign, "run/supervisor.pid");

	unlink(path);
	free(path);
	close(lock);
}

void owner_beat(const struct campaign *campaign)
{
	static time_t last;
	struct timespec now;
	char *path;

	clock_gettime(CLOCK_MONOTONIC, &now);
	if (last && now.tv_sec < last + (time_t)BEAT_SECONDS)
		return;
	last = now.tv_sec;
	path = campaign_path(campaign, "run/supervisor.pid");
	utimensat(AT_FDCWD, path, NULL, 0);
	free(path);
}
