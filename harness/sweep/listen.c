// SPDX-License-Identifier: GPL-2.0-only
/* The pipes of the workers: bytes become lines, and a closed pipe is a worker's end. */
#include "supervisor.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>
#include "../trace/util.h"

#define POLL_MS 20

static void take_lines(struct supervisor *s, struct process *p)
{
	char *line = p->text, *end;

	while ((end = memchr(line, '\n', p->used - (size_t)(line - p->text)))) {
		*end = '\0';
		if (*line && !merge_line(&s->merge, line))
			supervisor_fail(s, "a worker sent a line that is not a finding");
		line = end + 1;
	}
	p->used -= (size_t)(line - p->text);
	memmove(p->text, line, p->used);
}

/* False: the pipe is closed. */
static bool listen_to(struct supervisor *s, struct process *p)
{
	ssize_t n;

	if (p->room - p->used < 65536) {
		p->room += 131072;
		p->text = xrealloc(p->text, p->room);
	}
	n = read(p->pipe, p->text + p->used, p->room - p->used);
	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return true;
	if (n <= 0)
		return false;
	p->used += (size_t)n;
	take_lines(s, p);
	return true;
}

void supervisor_listen(struct supervisor *s, void (*bury)(struct supervisor *s, unsigned index))
{
	struct pollfd fds[JOBS_MAX];
	unsigned index[JOBS_MAX], n = 0;

	for (unsigned i = 0; i < s->jobs; i++) {
		if (!s->processes[i].pid)
			continue;
		index[n] = i;
		fds[n++] = (struct pollfd){.fd = s->processes[i].pipe, .events = POLLIN};
	}
	if (poll(fds, n, POLL_MS) <= 0)
		return;
	for (unsigned i = 0; i < n; i++)
		if (fds[i].revents && !listen_to(s, &s->processes[index[i]]))
			bury(s, index[i]);
}
