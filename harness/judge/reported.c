// SPDX-License-Identifier: GPL-2.0-only
/*
 * Does a system call say what happened to it? Two things that a driver must report, whatever else it does about them:
 *
 * Memory of the user that could not be copied. copy_from_user() and its kin are __must_check, get_user() leaves zero behind,
 * and the system call's contract is -EFAULT: a program that is told success goes on with what was never copied. Success is
 *
 *	ioctl(), setsockopt(), getsockopt()	0 (a positive number may count what was done before)
 *	read(), write(), ... of one buffer	0, or a count that goes beyond the first byte that was not copied; fewer is a short
 *						transfer, and right. Where in the buffer it was is not known of an
 *						iov_iter: then all that was asked for
 *
 * What other calls return is not the driver's to say (close(), poll()), or counts what cannot be seen here (readv(),
 * recvmsg()): not asked. Nor is a copy that a later one in the same system call makes up for, from or to the same address.
 *
 * A request that was refused, when the driver gave up what it was about. Calls that set something up keep objects, as
 * the baseline shows. One that returns success, holds none of what it allocated, and has freed what the baseline keeps, has
 * unwound and did not say so. (read(), write() and send() are not asked: who drops a packet does that, too.)
 */
#include "evidence.h"

#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <xxhash.h>
#include "../inject/calls.h"

enum call_form {
	FORM_OTHER,
	FORM_TRANSFER, /* returns how many of args[2] bytes, of the buffer args[1] */
	FORM_CONTROL,  /* returns 0 */
	FORM_SET_UP,   /* the same, or a descriptor or address; copies nothing itself */
};

/* A copy that was refused, and not made up for. */
struct lost_copy {
	const struct call_point *call; /* NULL: there is none */
	uint64_t addr, size;
	bool placed; /* those are known */
	uint32_t n;
};

/* A system call in which a request was refused, and which reported success. */
struct settled {
	char where[96];
	int64_t result;
	uint32_t n; /* the refused request; 0: there is none */
	uint32_t first, refused,
		end; /* of the journal: its first entry, the next at the refusal, behind its last */
};

static RUN_STATE struct {
	char where[96];
	enum call_form form;
	uint64_t buffer, count; /* of a transfer */
	uint32_t first;		/* journal entry */
	uint32_t refused;	/* the newest refusal before it began */
	struct lost_copy lost;
	struct settled settled;
} reported;

static enum call_form form_of(uint64_t number)
{
	switch (number) {
	case SYS_read:
	case SYS_write:
	case SYS_pread64:
	case SYS_pwrite64:
	case SYS_sendto:
	case SYS_recvfrom:
		return FORM_TRANSFER;
	case SYS_ioctl:
	case SYS_setsockopt:
	case SYS_getsockopt:
		return FORM_CONTROL;
	case SYS_open:
	case SYS_openat:
	case SYS_creat:
	case SYS_socket:
	case SYS_bind:
	case SYS_connect:
	case SYS_mmap:
		return FORM_SET_UP;
	default:
		return FORM_OTHER;
	}
}

void reported_begin(void)
{
	reported.form = FORM_OTHER;
	reported.lost.call = NULL;
	reported.settled.n = 0;
}

/* Of all refusals, the program's own too; 0: none. */
static uint32_t newest_refusal(void)
{
	const struct refusal *last = inject_last();

	return last ? last->n : 0;
}

void judge_call_begin(const char *where, uint64_t number, const uint64_t args[6])
{
	reported.form = form_of(number);
	reported.lost.call = NULL;
	if (reported.form == FORM_OTHER)
		return;
	snprintf(reported.where, sizeof(reported.where), "%s", where);
	reported.buffer = args[1];
	reported.count = args[2];
	reported.first = judge.journal_count;
	reported.refused = newest_refusal();
}

/* ---- copies ---- */

static const char *source_name(const struct call_entry *call)
{
	return call->source ? call->source : call->function;
}

/* The first that was lost is told; what is refused behind it is lost by the same fault. */
void reported_refused(const struct call_point *point)
{
	struct lost_copy *lost = &reported.lost;

	if (reported.form == FORM_OTHER || lost->call || inject_last()->benign ||
	    call_capability(point->call) != FAIL_USERCOPY || point->call->only & CALL_OR_ELSE)
		return;
	lost->call = point;
	lost->n = inject_last()->n;
	lost->placed = calls_user_memory(point, &lost->addr, &lost->size);
}

void reported_passed(const struct call_point *point)
{
	struct lost_copy *lost = &reported.lost;
	uint64_t addr, size;

	if (!lost->call)
		return;
	if (!lost->placed)
		lost->call = lost->call == point ? NULL : lost->call;
	else if (calls_user_memory(point, &addr, &size) && addr <= lost->addr &&
		 addr + size >= lost->addr + lost->size)
		lost->call = NULL;
}

static bool in_buffer(const struct lost_copy *lost)
{
	return lost->placed && lost->addr - reported.buffer < reported.count;
}

static bool claims_copy(const struct lost_copy *lost, int64_t result)
{
	if (reported.form == FORM_CONTROL)
		return !result;
	if (reported.form != FORM_TRANSFER || !reported.count || result < 0)
		return false;
	if (!result)
		return true;
	if (in_buffer(lost))
		return (uint64_t)result > lost->addr - reported.buffer;
	return (uint64_t)result >= reported.count;
}

static void tell_copy(const struct lost_copy *lost, int64_t result)
{
	const char *name = source_name(lost->call->call);
	uint64_t salt = XXH64(name, strlen(name), XXH64(reported.where, strlen(reported.where), 0));
	char size[48] = "";

	if (lost->placed)
		snprintf(size, sizeof(size), " of %llu bytes", (unsigned long long)lost->size);
	evidence_sentence(FINDING_WRONG_RETURN, 0, salt,
			  "%s returned %lld, although %s()%s had failed (request %u): what was not "
			  "copied must be reported, by -EFAULT%s",
			  reported.where, (long long)result, name, size, lost->n,
			  result ? " or a smaller count" : "");
}

/* ---- setting up ---- */

static void note_settled(int64_t result)
{
	struct settled *settled = &reported.settled;
	uint32_t n = newest_refusal();

	if (reported.form == FORM_TRANSFER || result < 0 || settled->n || n == reported.refused ||
	    inject_last()->benign)
		return;
	memcpy(settled->where, reported.where, sizeof(settled->where));
	settled->result = result;
	settled->first = reported.first;
	settled->refused = judge.refused_at;
	settled->end = judge.journal_count;
	settled->n = n;
}

void judge_call_end(int64_t result)
{
	struct lost_copy *lost = &reported.lost;

	if (reported.form == FORM_OTHER || !judge.running)
		return;
	if (lost->call && claims_copy(lost, result))
		tell_copy(lost, result);
	else
		note_settled(result);
	lost->call = NULL;
	reported.form = FORM_OTHER;
}

static bool lives(uint32_t index)
{
	struct journal_entry entry;
	struct kf_object object;

	return journal_at(index, &entry) && entry.on_behalf && journal_is_live(&entry, &object);
}

/* Entries up to the refusal are those of the baseline, one by one. */
static bool gave_up(const struct settled *call, const uint8_t *alive, unsigned count)
{
	bool freed = false;

	for (uint32_t i = call->first; i < call->refused && i < count; i++)
		freed = freed || (alive[i] && !lives(i));
	for (uint32_t i = call->first; freed && i < call->end; i++)
		if (lives(i))
			return false;
	return freed;
}

void judge_check_calls(const uint8_t *alive, unsigned count)
{
	const struct settled *call = &reported.settled;

	if (!call->n || call->end > JOURNAL_KEPT || !gave_up(call, alive, count))
		return;
	judge_note(
		FINDING_WRONG_RETURN,
		"%s returned %lld, but it had given everything back that it had allocated: request "
		"%u was refused, and the failure was not reported",
		call->where, (long long)call->result, call->n);
}
