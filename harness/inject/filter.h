/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which requests are points at all: on whose behalf (scope), and which of those (filters). What does not pass is neither counted
 * nor refused, so the numbers of points depend on it. A filter is a list of terms that must all hold:
 *
 *	function=NAME		a frame of the stack is in this function
 *	file=FILE		... in a function of this source file; needs debug information
 *	site=FUNCTION+0xOFF	... returns to this place, as a report prints it
 *	site=FILE:LINE		... is on this line; needs debug information
 *	cache=NAME		it would be served from this cache; NAME may have * and ?
 *	size=N, N-M, N-, -M	bytes asked for
 *	gfp=NAME|NAME		it has all of these bits
 *	kind=KIND|KIND		it is of one of these kinds
 */
#ifndef KFAIL_INJECT_FILTER_H
#define KFAIL_INJECT_FILTER_H

#include "../../allocator/core/hooks.h"
#include "attr.h"
#include "places.h"

enum scope {
	SCOPE_MODULE, /* on behalf of the module under test: its code is on the stack, or its task runs */
	SCOPE_DIRECT, /* the module's own code called the allocator */
	SCOPE_ANY,    /* whoever asks while an operation runs */
};

#define FILTER_ERR   256
#define FILTER_TERMS 8

struct filter_term {
	enum filter_key {
		FILTER_FUNCTION,
		FILTER_FILE,
		FILTER_SITE,
		FILTER_CACHE,
		FILTER_SIZE,
		FILTER_GFP,
		FILTER_KIND,
	} key;
	char *value; /* as it was given */
	struct places places;
	uint64_t min, max;
	uint32_t bits; /* of GFP flags; of kinds: 1 << enum kf_kind, and FILTER_CALL */
};

#define FILTER_CALL (1u << 31) /* kind=call: no allocator's request */

struct filter {
	char *text;
	struct filter_term terms[FILTER_TERMS];
	unsigned count;
};

/* "module", "direct" or "any"; -1 for another word. */
int scope_parse(const char *name);
const char *scope_name(enum scope scope);

/* "function=foo,size=1-64". 0, or -1 with a sentence in err. */
int filter_parse(const char *text, struct filter *out, char *err);
/* When all code is loaded: names become addresses. 0, or -1 with a sentence in err. */
int filter_resolve(struct filter *filter, char *err);
/* Do all terms hold? `request` NULL: it is no allocator's. */
bool filter_match(const struct filter *filter, const struct kf_request *request,
		  const uint64_t *pcs, unsigned frames);
void filter_clear(struct filter *filter);

#endif
